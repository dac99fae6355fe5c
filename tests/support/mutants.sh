# What self-checks share: copies of the tree with one deliberate break each. Sourced.
#
# A mutant is a file of commands that break the copy, above all
# `change SED-EXPRESSION FILE`, which must change something; its first line names
# what has to notice it.

# shellcheck disable=SC2016 # the shell of the mutant expands its own variables
mutant_words='change() {
    sed "$1" "$2" >"$2.changed"
    ! cmp -s "$2" "$2.changed" || { echo "nothing to change in $2 for $1" >&2; exit 1; }
    cat "$2.changed" >"$2"
    rm "$2.changed"
}'

# break_copy ROOT COPY FILE: puts a copy of the tree with the break of a file into
# place. Fails if the break does not apply.
break_copy() {
    rm -rf "$2"
    mkdir -p "$2"
    (cd "$1" && git ls-files -z --cached --others --exclude-standard \
        | xargs -0 cp -p --parents -t "$2")
    (cd "$2" && sh -eu -c "$mutant_words"$'\n''. "$0"' "$3")
}

# build_copy COPY TARGET ARGUMENT…: builds a broken copy with cargo's arguments, in a
# target folder that is kept for the next one.
build_copy() {
    # The copy has the times of the tree, which may be older than what was built.
    touch "$1/src/lib.rs"
    (cd "$1" && CARGO_TARGET_DIR=$2 nice cargo "${@:3}" --locked --quiet)
}
