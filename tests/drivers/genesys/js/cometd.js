// The CometD project's own server for node.
'use strict';

const { createCometDServer } = require('cometd-nodejs-server');
const { run } = require('./contact-center.js');

const hold = Number(process.argv[3] || 2000);
const bayeux = createCometDServer({ timeout: hold, maxInterval: 8000, sweepPeriod: 200 });
const sessions = new Set();
bayeux.addListener('sessionAdded', (session) => sessions.add(session));
bayeux.addListener('sessionRemoved', (session) => sessions.delete(session));

run({
  mount: (request, response) => bayeux.handle(request, response),
  // Asked for each time: a channel without subscribers is swept away.
  publish: (channel, data) => bayeux.createServerChannel(channel).publish(null, data),
  listeners: () => sessions.size,
  expire: () => sessions.forEach((session) => session.disconnect()),
});
