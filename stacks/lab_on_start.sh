# Sets up the lab in a JupyterLab app, at each start of the app.
#
# `stacks.lab` puts the exports of FACTORSTACK_* before it. The home folder outlives the app, is
# small (5 GB), and may hold what an earlier start, stopped half-way, or another image has left.
# A lifecycle configuration that fails, or takes five minutes, would keep the app from starting:
# this one succeeds whatever happens, and says what did in ~/factorstack/setup.log.

base=$HOME/.factorstack
version=$(basename "$FACTORSTACK_KIT" .zip)
version=${version:0:12}
kit=$base/$version

# A subshell, so that `set -e` holds in all of it: in a function that is tested, it would not.
set_up() (
  set -eu
  interpreter=$(python3 -VV)
  if [ "$(cat "$kit/ready" 2>/dev/null)" != "$interpreter" ]; then
    echo "setting up the lab, version $version; this takes a minute or two, once"
    rm -rf "$kit/ready" "$kit/venv"
    fetch_kit
    install_packages
    echo "$interpreter" >"$kit/ready"
  fi
  register_kernel
  mkdir -p "$base/placed"
  for notebook in "$kit"/notebooks/*.ipynb; do
    place "$notebook"
  done
  remove_other_versions
  echo "the lab is ready, version $version: open a notebook in the folder factorstack"
)

fetch_kit() {
  mkdir -p "$kit"
  within 30 aws s3 cp --only-show-errors "$FACTORSTACK_KIT" "$kit/kit.zip"
  python3 -m zipfile -e "$kit/kit.zip" "$kit"
  rm "$kit/kit.zip"
}

install_packages() {
  # The cache lies beside the environment: files are linked, not copied, and a start that runs out
  # of time leaves its downloads to the next one.
  export UV_CACHE_DIR=${UV_CACHE_DIR:-$kit/cache}
  python3 -m venv "$kit/venv"
  within 30 "$kit/venv/bin/python" -m pip install --quiet --disable-pip-version-check \
    --require-hashes -r "$kit/requirements-uv.txt"
  within 180 "$kit/venv/bin/uv" pip sync --quiet --python "$kit/venv/bin/python" \
    --require-hashes "$kit/notebooks/requirements.txt"
  rm -rf "$kit/cache"
}

# within SECONDS COMMAND...: not every system on which the local account runs has `timeout`.
within() {
  if command -v timeout >/dev/null; then
    timeout "$@" || {
      status=$?
      [ "$status" -ne 124 ] || echo "not done after $1 seconds: $2" >&2
      return "$status"
    }
  else
    shift
    "$@"
  fi
}

register_kernel() {
  mkdir -p "$HOME/.local/share/jupyter/kernels/factorstack"
  python3 - "$kit" >"$base/kernel.json" <<'PYTHON'
import json, os, sys

kit = sys.argv[1]
names = ("NAME", "BUCKET", "TRAINING_INSTANCE", "ENDPOINT_INSTANCE")
kernel = {
    "argv": [f"{kit}/venv/bin/python", "-m", "ipykernel_launcher", "-f", "{connection_file}"],
    "display_name": "Factorstack",
    "language": "python",
    "metadata": {"debugger": True},
    "env": {
        "PYTHONPATH": kit,
        **{f"FACTORSTACK_{name}": os.environ[f"FACTORSTACK_{name}"] for name in names},
    },
}
json.dump(kernel, sys.stdout, indent=1)
PYTHON
  mv "$base/kernel.json" "$HOME/.local/share/jupyter/kernels/factorstack/kernel.json"
}

# place NOTEBOOK: a copy that a person has edited stays; `placed` holds what was put there last.
place() {
  name=$(basename "$1")
  shown=$HOME/factorstack/$name
  placed=$base/placed/$name
  if [ -e "$shown" ] && cmp -s "$1" "$placed"; then
    return
  fi
  if [ ! -e "$shown" ] || cmp -s "$shown" "$placed"; then
    cp "$1" "$shown"
  elif ! cmp -s "$1" "$shown"; then
    beside=${name%.ipynb}-$version.ipynb
    cp "$1" "$HOME/factorstack/$beside"
    echo "$name has been edited and stays as it is; its new version is $beside"
  fi
  cp "$1" "$placed"
}

remove_other_versions() {
  for folder in "$base"/*/; do
    case $folder in
      "$kit/" | "$base/placed/") ;;
      *) rm -rf "$folder" ;;
    esac
  done
}

mkdir -p "$HOME/factorstack"
set_up 2>&1 | tee "$HOME/factorstack/setup.log"
if [ "${PIPESTATUS[0]}" -ne 0 ]; then
  echo "the lab is not set up, for the reason above; stop and start the space to try again" |
    tee -a "$HOME/factorstack/setup.log"
fi
exit 0
