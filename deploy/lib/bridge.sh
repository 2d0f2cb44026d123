# Functions of deploy/up and deploy/down: build, state folder, start and stop of the quick start's processes.
# shellcheck shell=bash

WEB_PORT=8443
SIP_PORT=5060
NG_PORT=2223
TEARDOWN_PORT=2224
PROXY_ADMIN_PORT=8080
RELAY_HTTP_PORT=8081
ECHO_PORT=5070
ECHO_NUMBER=600
USER_NAME=alice

build_release() { # ROOT
  (cd "$1" && cmake --preset release > build-release.log 2>&1 && cmake --build --preset release --target causeway-proxy causeway-relay causewayctl >> build-release.log 2>&1) || {
    tail -n 40 "$1/build-release.log" >&2
    echo "the build failed; all of it is in build-release.log" >&2
    return 70
  }
  rm -f "$1/build-release.log"
}

build_webphone() { # ROOT
  local phone=$1/deploy/webphone
  if [ ! -e "$phone/dist/webphone.js" ] || [ -n "$(find "$phone/src" "$phone/package-lock.json" "$phone/build.mjs" -newer "$phone/dist/webphone.js" -print -quit)" ]; then
    (cd "$phone" && npm ci --no-audit --no-fund --silent && npm run --silent build)
  fi
}

default_address() {
  local address
  address=$(ip -o route get 192.0.2.1 2> /dev/null | sed -n 's/.* src \([^ ]*\).*/\1/p')
  [ -n "$address" ] || address=$(ip -o -4 addr show scope global | awk '{sub("/.*", "", $4); print $4; exit}')
  echo "${address:-127.0.0.1}"
}

make_certificate() { # STATE ADDRESS: a local CA once, a server certificate for each new address
  local tls=$1/tls
  mkdir -p "$tls"
  if [ ! -e "$tls/ca.pem" ]; then
    (umask 077 && openssl ecparam -name prime256v1 -genkey -noout -out "$tls/ca.key" 2> /dev/null)
    openssl req -x509 -new -key "$tls/ca.key" -sha256 -days 3650 -subj "/CN=Causeway quick start CA" -out "$tls/ca.pem" 2> /dev/null
  fi
  [ -e "$tls/server.pem" ] && [ "$(cat "$tls/address" 2> /dev/null)" = "$2" ] && return
  (umask 077 && openssl ecparam -name prime256v1 -genkey -noout -out "$tls/server.key" 2> /dev/null)
  openssl req -new -key "$tls/server.key" -subj "/CN=$2" 2> /dev/null |
    openssl x509 -req -CA "$tls/ca.pem" -CAkey "$tls/ca.key" -CAcreateserial -sha256 -days 825 -out "$tls/server.pem" \
      -extfile <(printf 'subjectAltName=IP:%s,IP:127.0.0.1,DNS:localhost\nextendedKeyUsage=serverAuth,clientAuth\n' "$2") 2> /dev/null
  echo "$2" > "$tls/address"
}

make_password() { # STATE: random per install
  [ -e "$1/password" ] || (umask 077 && openssl rand -hex 8 > "$1/password")
}

write_configuration() { # ROOT STATE ADDRESS
  sed -e "s|@ADDRESS@|$3|g" -e "s|@STATE@|$2|g" -e "s|@WEB_ROOT@|$1/deploy/webphone/dist|g" \
    -e "s|@PASSWORD@|$(cat "$2/password")|g" -e "s|@USER@|$USER_NAME|g" \
    -e "s|@WEB_PORT@|$WEB_PORT|g" -e "s|@SIP_PORT@|$SIP_PORT|g" -e "s|@NG_PORT@|$NG_PORT|g" \
    -e "s|@TEARDOWN_PORT@|$TEARDOWN_PORT|g" -e "s|@ADMIN_PORT@|$PROXY_ADMIN_PORT|g" \
    -e "s|@ECHO_PORT@|$ECHO_PORT|g" -e "s|@ECHO_NUMBER@|$ECHO_NUMBER|g" \
    "$1/deploy/quickstart/proxy.toml.in" > "$2/proxy.toml.new"
  chmod 600 "$2/proxy.toml.new"
  mv "$2/proxy.toml.new" "$2/proxy.toml"
  mkdir -p "$2/echo"
  sed -e "s|@ADDRESS@|$3|g" -e "s|@ECHO_PORT@|$ECHO_PORT|g" "$1/deploy/quickstart/echo.config.in" > "$2/echo/config"
  printf '<sip:%s@%s:%s>;regint=0;audio_codecs=PCMU,PCMA\n' "$ECHO_NUMBER" "$3" "$ECHO_PORT" > "$2/echo/accounts"
  touch "$2/echo/contacts"
}

start_process() { # STATE NAME COMMAND...: in a session of its own, so that the terminal's end is not its end
  local state=$1 name=$2
  shift 2
  setsid "$@" > "$state/$name.log" 2>&1 < /dev/null &
  echo "$! $(basename "$1")" > "$state/$name.pid"
}

process_is_up() { # STATE NAME: alive, and still the program that was started; its number may be somebody else's by now
  local pid program
  [ -e "$1/$2.pid" ] && read -r pid program < "$1/$2.pid" && [ "$(cat "/proc/$pid/comm" 2> /dev/null)" = "${program:0:15}" ]
}

signal_process() { # STATE NAME SIGNAL
  local pid
  read -r pid _ < "$1/$2.pid"
  kill "-$3" "$pid"
}

bridge_is_up() { # STATE
  process_is_up "$1" relay && process_is_up "$1" proxy && process_is_up "$1" echo
}

wait_until() { # WHAT LOG COMMAND...: at most ten seconds
  local what=$1 log=$2
  shift 2
  for _ in $(seq 100); do
    "$@" > /dev/null 2>&1 && return
    sleep 0.1
  done
  echo "$what did not come up; the end of $log:" >&2
  tail -n 20 "$log" >&2
  return 69
}

start_bridge() { # ROOT STATE ADDRESS
  local bin=$1/build/release/bin state=$2 address=$3
  make_certificate "$state" "$address"
  make_password "$state"
  write_configuration "$1" "$state" "$address"
  echo "$address" > "$state/address"
  "$bin/causeway-proxy" --config "$state/proxy.toml" --check > "$state/check.log" 2>&1 || { cat "$state/check.log" >&2; return 78; }
  process_is_up "$state" relay || start_process "$state" relay "$bin/causeway-relay" --foreground --interface="$address" \
    --listen-ng="127.0.0.1:$NG_PORT" --listen-http="127.0.0.1:$RELAY_HTTP_PORT"
  process_is_up "$state" echo || start_process "$state" echo baresip -f "$state/echo"
  wait_until "causeway-relay" "$state/relay.log" curl -fsS "http://127.0.0.1:$RELAY_HTTP_PORT/healthz"
  process_is_up "$state" proxy || start_process "$state" proxy "$bin/causeway-proxy" --config "$state/proxy.toml"
  wait_until "causeway-proxy" "$state/proxy.log" curl -fsS "http://127.0.0.1:$PROXY_ADMIN_PORT/healthz"
  wait_until "the web phone" "$state/proxy.log" curl -fsS --cacert "$state/tls/ca.pem" "https://$address:$WEB_PORT/"
  wait_until "the echo trunk" "$state/echo.log" grep -q "baresip is ready" "$state/echo.log"
}

print_where_to_call() { # STATE
  cat <<TEXT

Causeway is up.
  page      https://$(cat "$1/address"):$WEB_PORT/?user=$USER_NAME
            (its certificate is from a local CA, $1/tls/ca.pem: let the browser proceed once)
  user      $USER_NAME
  password  $(cat "$1/password")
  call      $ECHO_NUMBER    you hear yourself
  logs      $1/proxy.log, $1/relay.log
  stop      deploy/down
TEXT
}

check_call() { # ROOT STATE
  "$1/deploy/install-packages" "$1/deploy/packages-check"
  (cd "$1/tests/e2e" && { [ -e node_modules/playwright-core ] || npm ci --no-audit --no-fund --silent; })
  node "$1/tests/e2e/check_call.mjs" "https://$(cat "$2/address"):$WEB_PORT/" "$USER_NAME" "$(cat "$2/password")" "$ECHO_NUMBER"
}

stop_bridge() { # STATE SECONDS: how long calls may go on
  local name
  for name in proxy relay; do
    process_is_up "$1" "$name" && signal_process "$1" "$name" TERM
  done
  for _ in $(seq $(($2 * 10))); do
    process_is_up "$1" relay || process_is_up "$1" proxy || break
    sleep 0.1
  done
  for name in proxy relay echo; do
    process_is_up "$1" "$name" && signal_process "$1" "$name" INT
    for _ in $(seq 30); do
      process_is_up "$1" "$name" || break
      sleep 0.1
    done
    process_is_up "$1" "$name" && signal_process "$1" "$name" KILL
    rm -f "$1/$name.pid"
  done
  echo "Causeway is down."
}
