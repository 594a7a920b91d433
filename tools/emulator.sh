# To be sourced: an emulator of the example company for the commands that follow, until their shell ends. Its tenants
# are as somebody clicked them together in the portal, before Git came. It needs no identity at all.

emulator=$(mktemp -d)
python -m reconciler emulate --seed tests/company/portal.yaml >"$emulator/environment" 2>"$emulator/log" &
emulator_process=$!
trap 'kill "$emulator_process"; rm -rf "$emulator"' EXIT
# It says so when it has printed everything that has to be set.
for _ in {1..300}; do
    if grep -q '^Standing in for' "$emulator/log" || ! kill -0 "$emulator_process"; then
        break
    fi
    sleep 0.1
done
if ! grep -q '^Standing in for' "$emulator/log"; then
    cat "$emulator/log" >&2
    exit 1
fi
source "$emulator/environment"
