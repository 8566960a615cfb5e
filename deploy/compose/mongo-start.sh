#!/bin/bash
# mongod takes a key file only from its own user, and readable by nobody else; a mounted secret is neither.
set -eu
install -m 400 -o mongodb -g mongodb /run/secrets/mongo_keyfile /tmp/keyfile
exec docker-entrypoint.sh mongod --replSet rs0 --bind_ip_all --keyFile /tmp/keyfile
