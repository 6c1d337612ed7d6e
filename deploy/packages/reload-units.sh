#!/bin/sh
# systemd reads drop-ins only when told to. Fluent Bit itself is left running: when it restarts is
# the operator's choice.
if [ -d /run/systemd/system ]; then
  systemctl daemon-reload || true
fi
