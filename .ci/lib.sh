# Sourced by the scripts beside it: they run from the root of the repository, stop at the first failure, and say how long
# each step took.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

out=.ci/out # logs and programs, not in git
mkdir -p "$out"
tools=$(go env GOBIN)
export PATH="${tools:-$(go env GOPATH)/bin}:$PATH"
export GOFLAGS="${GOFLAGS:--buildvcs=false}" # a clone that belongs to somebody else is fine

# step NAME COMMAND... runs a command under a heading. The command is not part of a condition, where bash would not stop at
# failures inside of it; the trap says which step it was.
step() {
	running=$1 begin=$SECONDS
	shift
	printf '\n== %s\n' "$running"
	"$@"
	printf '== %s: %d s\n' "$running" $((SECONDS - begin))
	running=
}
running=
cleanup() { :; } # scripts may have their own
trap 'cleanup; [ -z "$running" ] || printf "== %s: FAILED after %d s\n" "$running" $((SECONDS - begin)) >&2' EXIT

# silent COMMAND... fails if the command fails or has something to say on standard output.
silent() {
	local text
	text=$("$@") || { printf '%s\n' "$text"; return 1; }
	[ -z "$text" ] || { printf '%s:\n%s\n' "$*" "$text"; return 1; }
}
