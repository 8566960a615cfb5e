#!/bin/sh
# Makes the secrets that docker-compose.yml mounts, once; those that are there already stay. make-secrets.sh [FOLDER]
set -eu
folder=${1:-"$(dirname "$0")/secrets"}
mkdir -p "$folder"
chmod 700 "$folder"   # the files are readable in their containers, whose users are not ours; nobody else gets to them

random() { head -c "$1" /dev/urandom | od -An -v -tx1 | tr -d ' \n'; }
keep() { [ -e "$folder/$1" ] || { cat > "$folder/$1"; chmod 444 "$folder/$1"; }; }

random 32 | keep group_key
random 24 | keep mongo_root_password
random 24 | keep mongo_password
random 96 | keep mongo_keyfile
random 12 | keep grafana_password
printf 'mongodb://servicelane:%s@mongo:27017/?replicaSet=rs0&authSource=admin' "$(cat "$folder/mongo_password")" | keep mongo_url
