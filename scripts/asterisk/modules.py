"""What Asterisk loads: the modules that calls, transfers and the manager interface need.

Without `autoload` nothing else opens a port, and it starts in a third of a second.
"""

SOUND = """
    res_timing_timerfd codec_ulaw codec_alaw codec_resample codec_gsm format_pcm format_wav
    format_gsm res_rtp_asterisk res_musiconhold res_format_attr_opus
"""
STORE = (
    "res_sorcery_config res_sorcery_memory res_sorcery_memory_cache res_sorcery_astdb res_statsd"
)
PHONES = """
    res_pjproject res_pjsip res_pjsip_session res_pjsip_pubsub res_pjsip_exten_state
    res_pjsip_outbound_publish res_pjsip_outbound_registration
    res_pjsip_outbound_authenticator_digest res_pjsip_authenticator_digest res_pjsip_acl
    res_pjsip_caller_id res_pjsip_dialog_info_body_generator res_pjsip_pidf_body_generator
    res_pjsip_diversion res_pjsip_dtmf_info res_pjsip_endpoint_identifier_ip
    res_pjsip_endpoint_identifier_user res_pjsip_header_funcs res_pjsip_logger res_pjsip_nat
    res_pjsip_one_touch_record_info res_pjsip_path res_pjsip_refer res_pjsip_registrar
    res_pjsip_rfc3326 res_pjsip_sdp_rtp chan_pjsip
"""
CALLS = """
    pbx_config bridge_simple bridge_softmix bridge_holding bridge_native_rtp
    bridge_builtin_features bridge_builtin_interval_features chan_bridge_media res_parking
    app_dial app_echo app_playback app_bridgewait app_channelredirect app_verbose app_stack
    app_queue app_senddtmf app_transfer app_directed_pickup app_confbridge app_record app_cdr
    app_userevent app_exec app_macro app_playtones
    res_manager_devicestate res_manager_presencestate cdr_manager
"""
FUNCTIONS = """
    func_callerid func_channel func_dialplan func_cdr func_db func_devstate func_extstate
    func_global func_hangupcause func_holdintercept func_logic func_strings func_timeout
    func_presencestate
    func_pjsip_endpoint func_pjsip_contact func_pjsip_aor
"""
WANTED = f"{SOUND} {STORE} {PHONES} {CALLS} {FUNCTIONS}".split()
