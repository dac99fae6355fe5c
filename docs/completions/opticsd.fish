# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_opticsd_global_optspecs
    string join \n h/help V/version
end

function __fish_opticsd_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_opticsd_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_opticsd_using_subcommand
    set -l cmd (__fish_opticsd_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c opticsd -n "__fish_opticsd_needs_command" -s h -l help -d 'Print help'
complete -c opticsd -n "__fish_opticsd_needs_command" -s V -l version -d 'Print version'
complete -c opticsd -n "__fish_opticsd_needs_command" -f -a "demo" -d 'Watch a simulated 64-port switch: every class, three roles, a few sick modules'
complete -c opticsd -n "__fish_opticsd_needs_command" -f -a "run" -d 'Watch the configured ports and serve page, API and metrics'
complete -c opticsd -n "__fish_opticsd_needs_command" -f -a "check" -d 'Check configuration and plan; with --probe sweep each module once'
complete -c opticsd -n "__fish_opticsd_needs_command" -f -a "show" -d 'Show the modules: a table of all ports, the worst first, or some ports in full'
complete -c opticsd -n "__fish_opticsd_needs_command" -f -a "decode" -d 'Decode dump files: what the module is and what it says, offline'
complete -c opticsd -n "__fish_opticsd_needs_command" -f -a "convert" -d 'Convert dump files: read any format, put several files of one module together, write any format that can hold it'
complete -c opticsd -n "__fish_opticsd_needs_command" -f -a "budget" -d 'Tell what polling costs: transactions, bytes and wire time of each sweep, beside the ideal and beside one read for each field'
complete -c opticsd -n "__fish_opticsd_needs_command" -f -a "fabric" -d 'Work out what a plan comes to: endpoints, switches, links, modules, watts, fibre, cost; and where it contradicts itself'
complete -c opticsd -n "__fish_opticsd_needs_command" -f -a "dump" -d 'Write the registers of a live module as a dump file'
complete -c opticsd -n "__fish_opticsd_needs_command" -f -a "replay" -d 'Let recorded sweeps pass through the judgement of the daemon'
complete -c opticsd -n "__fish_opticsd_needs_command" -f -a "discover" -d 'List adapters, drivers, interfaces and the modules that answer'
complete -c opticsd -n "__fish_opticsd_needs_command" -f -a "doctor" -d 'Check what the daemon needs of this machine, and say what to do'
complete -c opticsd -n "__fish_opticsd_needs_command" -f -a "events" -d 'Show what happened: modules that came and went, flags, findings, verdicts'
complete -c opticsd -n "__fish_opticsd_needs_command" -f -a "captures" -d 'List registers kept at insertions and in grave trouble, or print one dump'
complete -c opticsd -n "__fish_opticsd_needs_command" -f -a "sim" -d 'Put simulated modules behind /dev/i2c-N, for opticsd, i2c-tools and others'
complete -c opticsd -n "__fish_opticsd_needs_command" -f -a "top" -d 'Watch all ports on the whole screen: the worst first, Enter shows one in full'
complete -c opticsd -n "__fish_opticsd_needs_command" -f -a "completions" -d 'Print completions for a shell'
complete -c opticsd -n "__fish_opticsd_needs_command" -f -a "man" -d 'Print the manual page, or write those of all commands to a directory'
complete -c opticsd -n "__fish_opticsd_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c opticsd -n "__fish_opticsd_using_subcommand demo" -l listen -d 'Where to serve; port 0 takes a free one' -r
complete -c opticsd -n "__fish_opticsd_using_subcommand demo" -l scenario -d 'What is to happen when, instead of the built-in scenario' -r -F
complete -c opticsd -n "__fish_opticsd_using_subcommand demo" -l speed -d 'How many times as fast as real time things happen in the modules' -r
complete -c opticsd -n "__fish_opticsd_using_subcommand demo" -l state -d 'Where events are kept; in memory, if left out' -r -F
complete -c opticsd -n "__fish_opticsd_using_subcommand demo" -l write-log -d 'At the end, write every write that the modules saw to a file, one a line: port, I2C address, first offset, bytes' -r -F
complete -c opticsd -n "__fish_opticsd_using_subcommand demo" -s h -l help -d 'Print help'
complete -c opticsd -n "__fish_opticsd_using_subcommand run" -l config -d 'The configuration file' -r -F
complete -c opticsd -n "__fish_opticsd_using_subcommand run" -l listen -d 'Serve here instead of where the configuration says; `unix:/path` for a unix socket' -r
complete -c opticsd -n "__fish_opticsd_using_subcommand run" -s h -l help -d 'Print help'
complete -c opticsd -n "__fish_opticsd_using_subcommand check" -l config -d 'The configuration file' -r -F
complete -c opticsd -n "__fish_opticsd_using_subcommand check" -l plan -d 'Check this plan alone: no configuration and no hardware' -r -F
complete -c opticsd -n "__fish_opticsd_using_subcommand check" -l format -d 'How to print what was found' -r -f -a "text\t'For people: a line each'
json\t'For programs: one document'
github\t'Workflow commands, which GitHub shows beside the lines of the plan'
junit\t'A test report, a case for each port'"
complete -c opticsd -n "__fish_opticsd_using_subcommand check" -l probe -d 'Sweep each module once and hold it against the plan. Not beside a running daemon: reading clears the modules\' latched flags'
complete -c opticsd -n "__fish_opticsd_using_subcommand check" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c opticsd -n "__fish_opticsd_using_subcommand show" -l sort -d 'What to sort by; without it the worst are first' -r -f -a "verdict\t''
port\t''
margin\t''
temperature\t''
light\t''
role\t''
class\t''
vendor\t''
age\t''"
complete -c opticsd -n "__fish_opticsd_using_subcommand show" -l role -d 'Only ports of this role; may be given several times, as may those below' -r -f -a "scale-up\t''
scale-out\t''
scale-across\t''"
complete -c opticsd -n "__fish_opticsd_using_subcommand show" -l plane -d 'Only ports of this plane' -r
complete -c opticsd -n "__fish_opticsd_using_subcommand show" -l verdict -d 'Only ports of this verdict' -r -f -a "ok\t''
degraded\t''
bad\t''
unknown\t''"
complete -c opticsd -n "__fish_opticsd_using_subcommand show" -l class -d 'Only ports with a module of this class' -r -f -a "dsp\t''
lpo\t''
lro\t''
coherent\t''
cpo\t''
npo\t''
elsfp\t''
aoc\t''
aec\t''
acc\t''
lacc\t''
dac\t''
base-t\t''
unknown\t''"
complete -c opticsd -n "__fish_opticsd_using_subcommand show" -l watch -d 'Show it again every so many seconds, until Ctrl-C: in place on a terminal, one after the other with a line of the time elsewhere' -r
complete -c opticsd -n "__fish_opticsd_using_subcommand show" -l from -d 'The daemon to ask: `http://HOST:PORT`, `https://[USER@]HOST:PORT`, or `unix:/path` for its unix socket' -r
complete -c opticsd -n "__fish_opticsd_using_subcommand show" -l ca -d 'With https: a file (PEM) of the certificates that may vouch for the daemon\'s, instead of those the system trusts' -r -F
complete -c opticsd -n "__fish_opticsd_using_subcommand show" -l client-cert -d 'With https: a file (PEM) of the certificate to show, and of its key' -r -F
complete -c opticsd -n "__fish_opticsd_using_subcommand show" -l password-file -d 'A file whose first line is the password of USER' -r -F
complete -c opticsd -n "__fish_opticsd_using_subcommand show" -l config -d 'Ask no daemon, but sweep the ports of this configuration once. Not beside a running daemon: reading clears the modules\' latched flags' -r -F
complete -c opticsd -n "__fish_opticsd_using_subcommand show" -l format -d 'How to print it; JSON is a list of all ports, or a document a line for each port that is named' -r -f -a "text\t'For people'
json\t'For programs'"
complete -c opticsd -n "__fish_opticsd_using_subcommand show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c opticsd -n "__fish_opticsd_using_subcommand decode" -l format -d 'How to print it' -r -f -a "text\t'For people'
json\t'For programs'"
complete -c opticsd -n "__fish_opticsd_using_subcommand decode" -l page -d 'Only these pages of the raw registers: `lower`, `11`, `11:1` for bank 1, `lower@a2` for the second device of an SFP' -r
complete -c opticsd -n "__fish_opticsd_using_subcommand decode" -l with -d 'Another file with one page of the same module, which need not name it' -r
complete -c opticsd -n "__fish_opticsd_using_subcommand decode" -l explain -d 'Print all evidence for the class and what was missing, not the most telling alone (JSON always has it)'
complete -c opticsd -n "__fish_opticsd_using_subcommand decode" -l raw -d 'Print the registers as they stand, each byte beside its name'
complete -c opticsd -n "__fish_opticsd_using_subcommand decode" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c opticsd -n "__fish_opticsd_using_subcommand convert" -l to -d 'The format to write' -r -f -a "own\t''
hexdump\t''
raw\t''
ethtool-hex\t''
sfputil\t''
i2cdump\t''"
complete -c opticsd -n "__fish_opticsd_using_subcommand convert" -s o -l output -d 'Where to write it; without one, to standard output' -r -F
complete -c opticsd -n "__fish_opticsd_using_subcommand convert" -l page -d 'A file of one page, which need not name it: `11=FILE`, `11:1=FILE` for bank 1, `lower=FILE`; with `@a2` before the `=`, of an SFP\'s second device' -r
complete -c opticsd -n "__fish_opticsd_using_subcommand convert" -l lossy -d 'Leave out what the format cannot hold, and write ff for bytes that are not known; each is told on standard error'
complete -c opticsd -n "__fish_opticsd_using_subcommand convert" -s h -l help -d 'Print help'
complete -c opticsd -n "__fish_opticsd_using_subcommand budget" -l config -d 'The ports of this configuration. What stands in a port that is not simulated is told by --probe, or else the costliest FILE stands for it' -r -F
complete -c opticsd -n "__fish_opticsd_using_subcommand budget" -l format -d 'How to print it' -r -f -a "text\t'For people'
json\t'For programs'"
complete -c opticsd -n "__fish_opticsd_using_subcommand budget" -l clock -d 'Only these clocks' -r -f -a "100k\t'Standard mode: 100 kHz'
400k\t'Fast mode: 400 kHz'
1M\t'Fast mode plus: 1 MHz'"
complete -c opticsd -n "__fish_opticsd_using_subcommand budget" -l path -d 'Only these ways to a module; with --config, instead of the port\'s own' -r -f -a "i2c\t'Raw I2C, a visit in one transaction'
pairs\t'Raw I2C, one read a transaction'
pairs-32\t'The same, of 32 bytes at most'
pairs-8\t'The same, of 8 bytes at most'
smbus-block\t'SMBus in I2C blocks of 32 bytes'
smbus-word\t'SMBus in words'
optoe\t'The file of the optoe driver'
ethtool\t'The driver of a network interface, as far as one can tell'"
complete -c opticsd -n "__fish_opticsd_using_subcommand budget" -l overhead -d 'What each transaction costs beside its bits, in microseconds: driver, interrupt, a module that stretches the clock' -r
complete -c opticsd -n "__fish_opticsd_using_subcommand budget" -l period -d 'How often each module is to be swept, in seconds, instead of what the configuration says (1 without one)' -r
complete -c opticsd -n "__fish_opticsd_using_subcommand budget" -l probe -d 'Sweep each port once to see what stands in it. Not beside a running daemon: reading clears the modules\' latched flags'
complete -c opticsd -n "__fish_opticsd_using_subcommand budget" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c opticsd -n "__fish_opticsd_using_subcommand fabric" -l radix -d 'Ports of one switch' -r
complete -c opticsd -n "__fish_opticsd_using_subcommand fabric" -l tiers -d 'Tiers of switches' -r
complete -c opticsd -n "__fish_opticsd_using_subcommand fabric" -l planes -d 'Independent planes' -r
complete -c opticsd -n "__fish_opticsd_using_subcommand fabric" -l port-gbps -d 'Speed of one port in Gb/s' -r
complete -c opticsd -n "__fish_opticsd_using_subcommand fabric" -l endpoints -d 'Endpoints of each plane' -r
complete -c opticsd -n "__fish_opticsd_using_subcommand fabric" -l format -d 'How to print it' -r -f -a "text\t'For people'
json\t'For programs'
svg\t'A drawing'"
complete -c opticsd -n "__fish_opticsd_using_subcommand fabric" -l sizing -d 'Try numbers: takes the options below, and no ports into account'
complete -c opticsd -n "__fish_opticsd_using_subcommand fabric" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c opticsd -n "__fish_opticsd_using_subcommand dump" -s o -l output -d 'Where to write the dump, instead of standard output' -r -F
complete -c opticsd -n "__fish_opticsd_using_subcommand dump" -l from -d 'The daemon to ask: `http://HOST:PORT`, `https://[USER@]HOST:PORT`, or `unix:/path` for its unix socket' -r
complete -c opticsd -n "__fish_opticsd_using_subcommand dump" -l ca -d 'With https: a file (PEM) of the certificates that may vouch for the daemon\'s, instead of those the system trusts' -r -F
complete -c opticsd -n "__fish_opticsd_using_subcommand dump" -l client-cert -d 'With https: a file (PEM) of the certificate to show, and of its key' -r -F
complete -c opticsd -n "__fish_opticsd_using_subcommand dump" -l password-file -d 'A file whose first line is the password of USER' -r -F
complete -c opticsd -n "__fish_opticsd_using_subcommand dump" -l every -d 'Go on, and write each sweep behind the one before: a recording for `opticsd replay`. Asks this often, in seconds; sweeps seen already are left out. Waits for a daemon that is restarted, and for a module that is pulled' -r
complete -c opticsd -n "__fish_opticsd_using_subcommand dump" -l count -d 'End after so many sweeps instead of at Ctrl-C' -r
complete -c opticsd -n "__fish_opticsd_using_subcommand dump" -l config -d 'Ask no daemon, but sweep the port of this configuration once. Not beside a running daemon: reading clears the module\'s latched flags' -r -F
complete -c opticsd -n "__fish_opticsd_using_subcommand dump" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c opticsd -n "__fish_opticsd_using_subcommand replay" -l plan -d 'The plan to hold the ports against' -r -F
complete -c opticsd -n "__fish_opticsd_using_subcommand replay" -l port -d 'The port that dumps belong to which name none' -r
complete -c opticsd -n "__fish_opticsd_using_subcommand replay" -l interval -d 'How many seconds lie between dumps that do not say when they were read' -r
complete -c opticsd -n "__fish_opticsd_using_subcommand replay" -l format -d 'How to print it; JSON is one object a line' -r -f -a "text\t'For people'
json\t'For programs'"
complete -c opticsd -n "__fish_opticsd_using_subcommand replay" -l sweeps -d 'Print the numbers of every sweep, not what happened alone'
complete -c opticsd -n "__fish_opticsd_using_subcommand replay" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c opticsd -n "__fish_opticsd_using_subcommand discover" -l format -d 'How to print it; toml is a configuration' -r -f -a "text\t'For people'
json\t'For programs'
toml\t'A configuration to paste'"
complete -c opticsd -n "__fish_opticsd_using_subcommand discover" -l sys-root -d 'Read a copy of sysfs instead of /sys; then no bus is touched' -r -F
complete -c opticsd -n "__fish_opticsd_using_subcommand discover" -l no-probe -d 'List only what sysfs says; touch no bus'
complete -c opticsd -n "__fish_opticsd_using_subcommand discover" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c opticsd -n "__fish_opticsd_using_subcommand doctor" -l config -d 'The configuration file' -r -F
complete -c opticsd -n "__fish_opticsd_using_subcommand doctor" -l format -d 'How to print it' -r -f -a "text\t'For people'
json\t'For programs'"
complete -c opticsd -n "__fish_opticsd_using_subcommand doctor" -l from -d 'Where the running daemon is asked, instead of where the configuration serves' -r
complete -c opticsd -n "__fish_opticsd_using_subcommand doctor" -l root -d 'Look at a copy of a machine\'s files instead of /; then nobody is asked' -r -F
complete -c opticsd -n "__fish_opticsd_using_subcommand doctor" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c opticsd -n "__fish_opticsd_using_subcommand events" -l since -d 'Not before this: 2027-01-15T08:00:00Z, 2027-01-15, or how long ago (30m, 6h, 7d)' -r
complete -c opticsd -n "__fish_opticsd_using_subcommand events" -l port -d 'Of this port only' -r
complete -c opticsd -n "__fish_opticsd_using_subcommand events" -l kind -d 'Of this kind only: insert, remove, verdict_changed and so on' -r
complete -c opticsd -n "__fish_opticsd_using_subcommand events" -l after -d 'Later in the order than the event with this number' -r
complete -c opticsd -n "__fish_opticsd_using_subcommand events" -l limit -d 'The newest so many' -r
complete -c opticsd -n "__fish_opticsd_using_subcommand events" -l from -d 'The daemon to ask: `http://HOST:PORT`, `https://[USER@]HOST:PORT`, or `unix:/path` for its unix socket' -r
complete -c opticsd -n "__fish_opticsd_using_subcommand events" -l ca -d 'With https: a file (PEM) of the certificates that may vouch for the daemon\'s, instead of those the system trusts' -r -F
complete -c opticsd -n "__fish_opticsd_using_subcommand events" -l client-cert -d 'With https: a file (PEM) of the certificate to show, and of its key' -r -F
complete -c opticsd -n "__fish_opticsd_using_subcommand events" -l password-file -d 'A file whose first line is the password of USER' -r -F
complete -c opticsd -n "__fish_opticsd_using_subcommand events" -l state -d 'Ask no daemon, but read its state directory' -r -F
complete -c opticsd -n "__fish_opticsd_using_subcommand events" -l format -d 'How to print it; JSON is one event a line' -r -f -a "text\t'For people'
json\t'For programs'"
complete -c opticsd -n "__fish_opticsd_using_subcommand events" -s f -l follow -d 'Go on with what happens from now on, until Ctrl-C. A daemon that is restarted is waited for; nothing is left out or told twice'
complete -c opticsd -n "__fish_opticsd_using_subcommand events" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c opticsd -n "__fish_opticsd_using_subcommand captures; and not __fish_seen_subcommand_from list show help" -l port -d 'Of this port only' -r
complete -c opticsd -n "__fish_opticsd_using_subcommand captures; and not __fish_seen_subcommand_from list show help" -l limit -d 'The newest so many' -r
complete -c opticsd -n "__fish_opticsd_using_subcommand captures; and not __fish_seen_subcommand_from list show help" -l format -d 'How to print the list; JSON is one capture a line' -r -f -a "text\t'For people'
json\t'For programs'"
complete -c opticsd -n "__fish_opticsd_using_subcommand captures; and not __fish_seen_subcommand_from list show help" -l from -d 'The daemon to ask: `http://HOST:PORT`, `https://[USER@]HOST:PORT`, or `unix:/path` for its unix socket' -r
complete -c opticsd -n "__fish_opticsd_using_subcommand captures; and not __fish_seen_subcommand_from list show help" -l ca -d 'With https: a file (PEM) of the certificates that may vouch for the daemon\'s, instead of those the system trusts' -r -F
complete -c opticsd -n "__fish_opticsd_using_subcommand captures; and not __fish_seen_subcommand_from list show help" -l client-cert -d 'With https: a file (PEM) of the certificate to show, and of its key' -r -F
complete -c opticsd -n "__fish_opticsd_using_subcommand captures; and not __fish_seen_subcommand_from list show help" -l password-file -d 'A file whose first line is the password of USER' -r -F
complete -c opticsd -n "__fish_opticsd_using_subcommand captures; and not __fish_seen_subcommand_from list show help" -l state -d 'Ask no daemon, but read its state directory' -r -F
complete -c opticsd -n "__fish_opticsd_using_subcommand captures; and not __fish_seen_subcommand_from list show help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c opticsd -n "__fish_opticsd_using_subcommand captures; and not __fish_seen_subcommand_from list show help" -f -a "list" -d 'List the captures, the newest last; what happens without a word, too'
complete -c opticsd -n "__fish_opticsd_using_subcommand captures; and not __fish_seen_subcommand_from list show help" -f -a "show" -d 'Print one as a dump file'
complete -c opticsd -n "__fish_opticsd_using_subcommand captures; and not __fish_seen_subcommand_from list show help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c opticsd -n "__fish_opticsd_using_subcommand captures; and __fish_seen_subcommand_from list" -l port -d 'Of this port only' -r
complete -c opticsd -n "__fish_opticsd_using_subcommand captures; and __fish_seen_subcommand_from list" -l limit -d 'The newest so many' -r
complete -c opticsd -n "__fish_opticsd_using_subcommand captures; and __fish_seen_subcommand_from list" -l format -d 'How to print the list; JSON is one capture a line' -r -f -a "text\t'For people'
json\t'For programs'"
complete -c opticsd -n "__fish_opticsd_using_subcommand captures; and __fish_seen_subcommand_from list" -l from -d 'The daemon to ask: `http://HOST:PORT`, `https://[USER@]HOST:PORT`, or `unix:/path` for its unix socket' -r
complete -c opticsd -n "__fish_opticsd_using_subcommand captures; and __fish_seen_subcommand_from list" -l ca -d 'With https: a file (PEM) of the certificates that may vouch for the daemon\'s, instead of those the system trusts' -r -F
complete -c opticsd -n "__fish_opticsd_using_subcommand captures; and __fish_seen_subcommand_from list" -l client-cert -d 'With https: a file (PEM) of the certificate to show, and of its key' -r -F
complete -c opticsd -n "__fish_opticsd_using_subcommand captures; and __fish_seen_subcommand_from list" -l password-file -d 'A file whose first line is the password of USER' -r -F
complete -c opticsd -n "__fish_opticsd_using_subcommand captures; and __fish_seen_subcommand_from list" -l state -d 'Ask no daemon, but read its state directory' -r -F
complete -c opticsd -n "__fish_opticsd_using_subcommand captures; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c opticsd -n "__fish_opticsd_using_subcommand captures; and __fish_seen_subcommand_from show" -s o -l output -d 'Where to write the dump, instead of standard output' -r -F
complete -c opticsd -n "__fish_opticsd_using_subcommand captures; and __fish_seen_subcommand_from show" -l from -d 'The daemon to ask: `http://HOST:PORT`, `https://[USER@]HOST:PORT`, or `unix:/path` for its unix socket' -r
complete -c opticsd -n "__fish_opticsd_using_subcommand captures; and __fish_seen_subcommand_from show" -l ca -d 'With https: a file (PEM) of the certificates that may vouch for the daemon\'s, instead of those the system trusts' -r -F
complete -c opticsd -n "__fish_opticsd_using_subcommand captures; and __fish_seen_subcommand_from show" -l client-cert -d 'With https: a file (PEM) of the certificate to show, and of its key' -r -F
complete -c opticsd -n "__fish_opticsd_using_subcommand captures; and __fish_seen_subcommand_from show" -l password-file -d 'A file whose first line is the password of USER' -r -F
complete -c opticsd -n "__fish_opticsd_using_subcommand captures; and __fish_seen_subcommand_from show" -l state -d 'Ask no daemon, but read its state directory' -r -F
complete -c opticsd -n "__fish_opticsd_using_subcommand captures; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c opticsd -n "__fish_opticsd_using_subcommand captures; and __fish_seen_subcommand_from help" -f -a "list" -d 'List the captures, the newest last; what happens without a word, too'
complete -c opticsd -n "__fish_opticsd_using_subcommand captures; and __fish_seen_subcommand_from help" -f -a "show" -d 'Print one as a dump file'
complete -c opticsd -n "__fish_opticsd_using_subcommand captures; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c opticsd -n "__fish_opticsd_using_subcommand sim" -l cuse -d 'An adapter: the name of its device below /dev, once for each' -r
complete -c opticsd -n "__fish_opticsd_using_subcommand sim" -l module -d 'What is plugged in, one for each adapter: a family, or a dump file (with a slash in its path); without a name, in the next adapter that is empty' -r
complete -c opticsd -n "__fish_opticsd_using_subcommand sim" -l scenario -d 'What is to happen when' -r -F
complete -c opticsd -n "__fish_opticsd_using_subcommand sim" -l dump -d 'Print the registers of a module of this family as a dump' -r -f -a "dsp-800g\t''
dsp-800g-dr8\t''
lpo-800g\t''
lpo-800g-enhanced\t''
lpo-800g-hollow\t''
lro-800g\t''
dac-400g\t''
aec-800g\t''
qsfp28\t''
sfp28\t''
cpo-32\t''"
complete -c opticsd -n "__fish_opticsd_using_subcommand sim" -l format -d 'How to print the list; JSON is an array of names' -r -f -a "text\t'For people'
json\t'For programs'"
complete -c opticsd -n "__fish_opticsd_using_subcommand sim" -l list -d 'List the families of modules'
complete -c opticsd -n "__fish_opticsd_using_subcommand sim" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c opticsd -n "__fish_opticsd_using_subcommand top" -l sort -d 'What to sort by; without it the worst are first' -r -f -a "verdict\t''
port\t''
margin\t''
temperature\t''
light\t''
role\t''
class\t''
vendor\t''
age\t''"
complete -c opticsd -n "__fish_opticsd_using_subcommand top" -l role -d 'Only ports of this role; may be given several times, as may those below' -r -f -a "scale-up\t''
scale-out\t''
scale-across\t''"
complete -c opticsd -n "__fish_opticsd_using_subcommand top" -l plane -d 'Only ports of this plane' -r
complete -c opticsd -n "__fish_opticsd_using_subcommand top" -l verdict -d 'Only ports of this verdict' -r -f -a "ok\t''
degraded\t''
bad\t''
unknown\t''"
complete -c opticsd -n "__fish_opticsd_using_subcommand top" -l class -d 'Only ports with a module of this class' -r -f -a "dsp\t''
lpo\t''
lro\t''
coherent\t''
cpo\t''
npo\t''
elsfp\t''
aoc\t''
aec\t''
acc\t''
lacc\t''
dac\t''
base-t\t''
unknown\t''"
complete -c opticsd -n "__fish_opticsd_using_subcommand top" -l every -d 'How often to ask the daemon, in seconds' -r
complete -c opticsd -n "__fish_opticsd_using_subcommand top" -l from -d 'The daemon to ask: `http://HOST:PORT`, `https://[USER@]HOST:PORT`, or `unix:/path` for its unix socket' -r
complete -c opticsd -n "__fish_opticsd_using_subcommand top" -l ca -d 'With https: a file (PEM) of the certificates that may vouch for the daemon\'s, instead of those the system trusts' -r -F
complete -c opticsd -n "__fish_opticsd_using_subcommand top" -l client-cert -d 'With https: a file (PEM) of the certificate to show, and of its key' -r -F
complete -c opticsd -n "__fish_opticsd_using_subcommand top" -l password-file -d 'A file whose first line is the password of USER' -r -F
complete -c opticsd -n "__fish_opticsd_using_subcommand top" -s h -l help -d 'Print help'
complete -c opticsd -n "__fish_opticsd_using_subcommand completions" -s h -l help -d 'Print help'
complete -c opticsd -n "__fish_opticsd_using_subcommand man" -l out -d 'Where to write `opticsd.1` and `opticsd-COMMAND.1` for every command; made if it is not there' -r -F
complete -c opticsd -n "__fish_opticsd_using_subcommand man" -s h -l help -d 'Print help'
complete -c opticsd -n "__fish_opticsd_using_subcommand help; and not __fish_seen_subcommand_from demo run check show decode convert budget fabric dump replay discover doctor events captures sim top completions man help" -f -a "demo" -d 'Watch a simulated 64-port switch: every class, three roles, a few sick modules'
complete -c opticsd -n "__fish_opticsd_using_subcommand help; and not __fish_seen_subcommand_from demo run check show decode convert budget fabric dump replay discover doctor events captures sim top completions man help" -f -a "run" -d 'Watch the configured ports and serve page, API and metrics'
complete -c opticsd -n "__fish_opticsd_using_subcommand help; and not __fish_seen_subcommand_from demo run check show decode convert budget fabric dump replay discover doctor events captures sim top completions man help" -f -a "check" -d 'Check configuration and plan; with --probe sweep each module once'
complete -c opticsd -n "__fish_opticsd_using_subcommand help; and not __fish_seen_subcommand_from demo run check show decode convert budget fabric dump replay discover doctor events captures sim top completions man help" -f -a "show" -d 'Show the modules: a table of all ports, the worst first, or some ports in full'
complete -c opticsd -n "__fish_opticsd_using_subcommand help; and not __fish_seen_subcommand_from demo run check show decode convert budget fabric dump replay discover doctor events captures sim top completions man help" -f -a "decode" -d 'Decode dump files: what the module is and what it says, offline'
complete -c opticsd -n "__fish_opticsd_using_subcommand help; and not __fish_seen_subcommand_from demo run check show decode convert budget fabric dump replay discover doctor events captures sim top completions man help" -f -a "convert" -d 'Convert dump files: read any format, put several files of one module together, write any format that can hold it'
complete -c opticsd -n "__fish_opticsd_using_subcommand help; and not __fish_seen_subcommand_from demo run check show decode convert budget fabric dump replay discover doctor events captures sim top completions man help" -f -a "budget" -d 'Tell what polling costs: transactions, bytes and wire time of each sweep, beside the ideal and beside one read for each field'
complete -c opticsd -n "__fish_opticsd_using_subcommand help; and not __fish_seen_subcommand_from demo run check show decode convert budget fabric dump replay discover doctor events captures sim top completions man help" -f -a "fabric" -d 'Work out what a plan comes to: endpoints, switches, links, modules, watts, fibre, cost; and where it contradicts itself'
complete -c opticsd -n "__fish_opticsd_using_subcommand help; and not __fish_seen_subcommand_from demo run check show decode convert budget fabric dump replay discover doctor events captures sim top completions man help" -f -a "dump" -d 'Write the registers of a live module as a dump file'
complete -c opticsd -n "__fish_opticsd_using_subcommand help; and not __fish_seen_subcommand_from demo run check show decode convert budget fabric dump replay discover doctor events captures sim top completions man help" -f -a "replay" -d 'Let recorded sweeps pass through the judgement of the daemon'
complete -c opticsd -n "__fish_opticsd_using_subcommand help; and not __fish_seen_subcommand_from demo run check show decode convert budget fabric dump replay discover doctor events captures sim top completions man help" -f -a "discover" -d 'List adapters, drivers, interfaces and the modules that answer'
complete -c opticsd -n "__fish_opticsd_using_subcommand help; and not __fish_seen_subcommand_from demo run check show decode convert budget fabric dump replay discover doctor events captures sim top completions man help" -f -a "doctor" -d 'Check what the daemon needs of this machine, and say what to do'
complete -c opticsd -n "__fish_opticsd_using_subcommand help; and not __fish_seen_subcommand_from demo run check show decode convert budget fabric dump replay discover doctor events captures sim top completions man help" -f -a "events" -d 'Show what happened: modules that came and went, flags, findings, verdicts'
complete -c opticsd -n "__fish_opticsd_using_subcommand help; and not __fish_seen_subcommand_from demo run check show decode convert budget fabric dump replay discover doctor events captures sim top completions man help" -f -a "captures" -d 'List registers kept at insertions and in grave trouble, or print one dump'
complete -c opticsd -n "__fish_opticsd_using_subcommand help; and not __fish_seen_subcommand_from demo run check show decode convert budget fabric dump replay discover doctor events captures sim top completions man help" -f -a "sim" -d 'Put simulated modules behind /dev/i2c-N, for opticsd, i2c-tools and others'
complete -c opticsd -n "__fish_opticsd_using_subcommand help; and not __fish_seen_subcommand_from demo run check show decode convert budget fabric dump replay discover doctor events captures sim top completions man help" -f -a "top" -d 'Watch all ports on the whole screen: the worst first, Enter shows one in full'
complete -c opticsd -n "__fish_opticsd_using_subcommand help; and not __fish_seen_subcommand_from demo run check show decode convert budget fabric dump replay discover doctor events captures sim top completions man help" -f -a "completions" -d 'Print completions for a shell'
complete -c opticsd -n "__fish_opticsd_using_subcommand help; and not __fish_seen_subcommand_from demo run check show decode convert budget fabric dump replay discover doctor events captures sim top completions man help" -f -a "man" -d 'Print the manual page, or write those of all commands to a directory'
complete -c opticsd -n "__fish_opticsd_using_subcommand help; and not __fish_seen_subcommand_from demo run check show decode convert budget fabric dump replay discover doctor events captures sim top completions man help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c opticsd -n "__fish_opticsd_using_subcommand help; and __fish_seen_subcommand_from captures" -f -a "list" -d 'List the captures, the newest last; what happens without a word, too'
complete -c opticsd -n "__fish_opticsd_using_subcommand help; and __fish_seen_subcommand_from captures" -f -a "show" -d 'Print one as a dump file'
