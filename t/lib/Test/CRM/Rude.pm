package Test::CRM::Rude;

# A peer between nginx and the real Redis that is rude when it is told to be:
# it answers something else, late, twice, half, or not at all.
#
#   rude_start();                         listens at rude_sock()
#   rude({ on => 'begin', reply => "-BUSY x\r\n" });
#   rude();                               well-behaved again
#
# on      a script (begin, prepare, commit, abort, rules), a command as Redis
#         names it (AUTH, SELECT, INFO, CONFIG, SCRIPT, GET, HGETALL) or '*'
# reply   these bytes instead of the answer; Redis does not see the command
# after   1: Redis sees the command, and only its answer is replaced
# extra   these bytes behind the answer
# cut     the first N bytes of the answer, then the connection ends
# flood   reply, and then bytes without an end
# mute    1: no answer, and none to what follows
# close   1: the connection ends instead of an answer
# delay   seconds by which each answer comes later
# skip    so often not, before that
# times   so often, then no more
#
# The first rule that fits counts. Talks of before stay as they are; rude_talks()
# is how many there were so far, rude_asked() what Redis, or the rule, has
# answered since the last rude().

use strict;
use warnings;

use Digest::SHA qw(sha1_hex);
use Exporter qw(import);
use IO::Select;
use IO::Socket::UNIX;
use JSON::PP;
use Time::HiRes qw(sleep time);

use Test::CRM::Process;

our @EXPORT = qw(rude_start rude_sock rude rude_talks rude_asked %Errors %Lies
    %Noise);

my $json = JSON::PP->new->latin1->canonical;
my ($pid, %script, $seen, @rules, $told, $log);

# What a peer may say instead of the answer.
our %Errors = map { ("-$_" => "-$_ is what it says\r\n") }
    qw(READONLY LOADING OOM NOSCRIPT BUSY MOVED UNBLOCKED NOPERM ERR);

our %Lies = (
    %Errors,
    'a status'          => "+OK\r\n",
    'an integer'        => ":1\r\n",
    'nil'               => "\$-1\r\n",
    'a nil list'        => "*-1\r\n",
    'an empty list'     => "*0\r\n",
    'a string'          => "\$2\r\nok\r\n",
    'an empty string'   => "\$0\r\n\r\n",
    'a list of lists'   => "*2\r\n*1\r\n*0\r\n:1\r\n",
    'an unknown word'   => "*1\r\n\$4\r\nfine\r\n",
    'a word cut short'  => "*1\r\n\$1\r\no\r\n",
    'a word in a list'  => "*1\r\n*1\r\n\$2\r\nok\r\n",
    'numbers that lie'  => "*6\r\n\$2\r\nok\r\n:-9\r\n:-9\r\n:-9\r\n:-9\r\n:-9\r\n",
    'a count too large' => "*3\r\n\$2\r\nok\r\n:1000000\r\n\$1\r\nx\r\n",
    'a negative count'  => "*3\r\n\$2\r\nok\r\n:-5\r\n\$1\r\nx\r\n",
);

# What no longer is a reply: the connection does not outlive it.
our %Noise = (
    'no RESP'            => { reply => "HTTP/1.1 400 Bad Request\r\n\r\n" },
    'a length that lies' => { reply => "\$-7\r\nxx\r\n" },
    'no length'          => { reply => "\$abc\r\nxx\r\n" },
    'lists too deep'     => { reply => '*1' . "\r\n*1" x 40 . "\r\n:1\r\n" },
    'a list of billions' => { reply => "*2000000000\r\n" },
    'lists of millions'  => { reply => "*200000\r\n" . "*200000\r\n" x 4 },
    'half a reply'       => { reply => "*2\r\n\$2\r\no", close => 0 },
    'half, then the end' => { cut => 5 },
    'the end'            => { close => 1 },
    'silence'            => { mute => 1 },
    '512 MB announced'   => { reply => "\$536870912\r\nxxxx" },
    'a reply too many'   => { extra => "+OK\r\n" },
);


sub rude_sock { return work_dir() . '/rude.sock' }
sub control   { return work_dir() . '/rude.json' }
sub talks     { return work_dir() . '/rude.talks' }
sub asked     { return work_dir() . '/rude.asked' }


sub rude_start {
    return if is_alive($pid);

    rude();
    $pid = spawn(name => 'rude', cmd => [ $^X, '-I', top_dir() . '/t/lib',
        '-MTest::CRM::Rude', '-e', 'Test::CRM::Rude::run(@ARGV)',
        rude_sock(), Test::CRM::redis_sock(), control(), talks(), asked(),
        top_dir() ]);

    wait_for { -S rude_sock() } 'the rude peer';
}


sub rude {
    my $file = control();

    spew(asked(), '');

    # no two of them alike: what is said again counts from the beginning
    spew("$file.new", $json->encode([ "$$." . ++$told, @_ ]));
    rename "$file.new", $file or die "$file: $!\n";
}


sub rude_talks { return -s talks() || 0 }


# Scripts and commands, by the names that rules know them by.
sub rude_asked { return split /\n/, slurp(asked()) }


# --- the peer itself -------------------------------------------------------------

sub run {
    my ($path, $redis, $control, $talks, $asked, $top) = @_;

    $SIG{PIPE} = 'IGNORE';
    scripts("$top/src/core/state/scripts");

    open my $count, '>>', $talks or die "$talks: $!\n";
    open $log, '>>', $asked or die "$asked: $!\n";

    my $listen = IO::Socket::UNIX->new(Local => $path, Listen => 20)
        or die "$path: $!\n";
    my %talk;       # fileno => talk, for both of its sockets

    while (1) {
        my $select = IO::Select->new($listen);
        my $wait = 1;

        for my $t (values %talk) {
            $select->add($t->{server}) if !$t->{deaf};
            $select->add($t->{client});
            my $due = $t->{queue}[0] && $t->{queue}[0]{due};
            my $left = defined $due ? $due - time() : $t->{flood} ? 0 : 1;
            $wait = $left if $left < $wait;
        }

        for my $s ($select->can_read($wait < 0 ? 0 : $wait)) {
            if ($s == $listen) {
                my $c = $listen->accept or next;
                my $r = IO::Socket::UNIX->new(Peer => $redis);

                # without Redis there is nobody here either
                next unless $r;

                syswrite $count, '.';
                my $t = { client => $c, server => $r, in => '', out => '',
                          queue => [] };
                $talk{ fileno $c } = $talk{ fileno $r } = $t;
                next;
            }

            my $t = $talk{ fileno $s } or next;

            if ($s == $t->{client}) {
                from_client($t, $control);
            } else {
                from_server($t);
            }
        }

        my %done;

        for my $t (grep { !$done{$_}++ } values %talk) {
            deliver($t) unless $t->{over};
            next unless $t->{over};

            delete $talk{ fileno $_ } for @$t{qw(client server)};
            close $_ for @$t{qw(client server)};
        }
    }
}


# SHA-1 => name, as src/tools/embed-scripts.sh makes them.

sub scripts {
    my ($dir) = @_;

    for my $f (glob "$dir/*.lua") {
        my ($name) = $f =~ m{(\w+)\.lua$};

        $script{ sha1_hex(script_text($dir, $f)) } = $name;
    }

    return \%script;
}


# What embed-scripts.sh makes of it.
sub script_text {
    my ($dir, $file) = @_;

    return join '', map { /^ *-- include (\S+)/ ? script_text($dir, "$dir/$1") : $_ } split /^/, slurp($file);
}


sub from_client {
    my ($t, $control) = @_;

    if (!sysread $t->{client}, $t->{in}, 65536, length $t->{in}) {
        $t->{over} = 1;
        return;
    }

    while (my $bytes = whole(\$t->{in})) {
        my @args = $bytes =~ /^\*/ ? arguments($bytes) : ($bytes);
        my $name = uc $args[0] =~ s/\s.*//sr;

        $name = $script{ lc $args[1] } || $name if $name eq 'EVALSHA';

        my $rule = rule_for($name, $control) || {};
        my $keep = !defined $rule->{reply} || $rule->{after};
        my %entry = (name => $name, rule => $rule, asks => $keep);

        push @{ $t->{queue} }, \%entry;
        ready(\%entry, '') unless $keep;
        syswrite $t->{server}, $bytes if $keep;
    }
}


sub from_server {
    my ($t) = @_;

    if (!sysread $t->{server}, $t->{out}, 65536, length $t->{out}) {
        $t->{deaf} = 1;
        $t->{over} = 1 unless @{ $t->{queue} };
        $_->{rule} = { close => 1 }, ready($_, '')
            for grep { !defined $_->{due} } @{ $t->{queue} };
        return;
    }

    while (my $bytes = whole(\$t->{out})) {
        my ($entry) = grep { $_->{asks} && !defined $_->{due} }
                      @{ $t->{queue} };

        ready($entry, $bytes) if $entry;
    }
}


sub ready {
    my ($entry, $bytes) = @_;

    my $rule = $entry->{rule};

    $bytes = $rule->{reply} if defined $rule->{reply};
    $bytes .= $rule->{extra} if defined $rule->{extra};
    $bytes = substr $bytes, 0, $rule->{cut} if defined $rule->{cut};

    syswrite $log, "$entry->{name}\n";
    $entry->{bytes} = $bytes;
    $entry->{due} = time() + ($rule->{delay} || 0);
}


sub deliver {
    my ($t) = @_;

    if ($t->{flood}) {
        $t->{client}->blocking(0);
        my $n = syswrite $t->{client}, 'x' x 65536;
        $t->{over} = 1 if !defined $n && !$!{EAGAIN};
        return;
    }

    while (my $e = $t->{queue}[0]) {
        last if !defined $e->{due} || $e->{due} > time();

        shift @{ $t->{queue} };

        my $rule = $e->{rule};

        $t->{mute} = 1 if $rule->{mute};
        next if $t->{mute};

        syswrite $t->{client}, $e->{bytes} unless $rule->{close};
        $t->{flood} = $rule->{flood};

        if ($rule->{close} || defined $rule->{cut}) {
            $t->{over} = 1;
            return;
        }

        last if $t->{flood};
    }
}


sub rule_for {
    my ($name, $control) = @_;

    my $now = slurp($control);

    if (!defined $seen || $now ne $seen) {
        $seen = $now;
        (undef, @rules) = @{ $json->decode($now) };
    }

    for my $r (@rules) {
        next unless $r->{on} eq '*' || $r->{on} eq $name;
        next if defined $r->{skip} && $r->{skip}-- > 0;
        next if defined $r->{times} && $r->{times}-- <= 0;
        return $r;
    }

    return;
}


# The first whole value of RESP at the head of $$buf, taken off; '' when it is
# not whole yet.

sub whole {
    my ($buf) = @_;

    my $end = after($buf, 0);

    return defined $end ? substr $$buf, 0, $end, '' : '';
}


sub after {
    my ($buf, $at) = @_;

    my $i = index $$buf, "\r\n", $at;

    return if $i < 0;

    my $type = substr $$buf, $at, 1;
    my $n = substr $$buf, $at + 1, $i - $at - 1;
    my $end = $i + 2;

    if ($type eq '$' && $n >= 0) {
        $end += $n + 2;
        return if length $$buf < $end;
    }

    if ($type eq '*') {
        for (1 .. $n) {
            $end = after($buf, $end);
            return unless defined $end;
        }
    }

    return $end;
}


sub arguments {
    my ($bytes) = @_;

    my @args;

    $bytes =~ s/^\*\d+\r\n//;

    while ($bytes =~ s/^\$(\d+)\r\n//) {
        push @args, substr $bytes, 0, $1;
        substr $bytes, 0, $1 + 2, '';
    }

    return @args;
}

1;
