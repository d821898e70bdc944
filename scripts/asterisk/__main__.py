"""Start a PBX with its phones and keep them until Ctrl-C.

python -m scripts.asterisk [16|22] [first port]
"""

import signal
import sys

from scripts.asterisk.lab import Lab


def main() -> None:
    version = sys.argv[1] if len(sys.argv) > 1 else "22"
    base = int(sys.argv[2]) if len(sys.argv) > 2 else None
    with Lab(version, base=base, secret=f"lab-{version}") as lab:
        print(f"Asterisk {version}: {lab.places.url}mxml, login {lab.account}", flush=True)
        signal.sigwait([signal.SIGINT, signal.SIGTERM])


if __name__ == "__main__":
    main()
