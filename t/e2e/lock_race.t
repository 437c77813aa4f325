# Two updates of one record at once, each through an nginx of its own, the first
# of which makes the record locked: one reaches the backend, the other is
# refused, 1000 times of 1000. Fails when a write is judged by a state that
# another write is just changing. Row 94 of the table of ways around a lock.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use IO::Socket::INET;
use Test::More;
use Test::CRM;

my $rounds = $ENV{CRM_TEST_ROUNDS} || 1000;
my $seed = defined $ENV{CRM_TEST_SEED} ? $ENV{CRM_TEST_SEED} : time;

note("CRM_TEST_SEED=$seed");

redis_start();
crm_start();

crm_rules(<<'EOT');
kind: record_locking
module: Deals
lock_type: automatic
locking_rules:
  - name: closed
    criteria: { field: Stage, comparator: equal, value: Closed Won }
EOT

# Two masters that share nothing but Redis and the backend.
my ($left, $right) = map { an_nginx("nginx$_") } 0, 1;

crm_seed('Deals', $_, '{"Stage":"Proposal"}') for 1 .. $rounds;

sub an_nginx {
    my ($name) = @_;

    my ($port, $root) = (free_port(), work_dir() . "/$name");
    my $nginx = Test::CRM::Nginx->new(root => $root, port => $port,
                                      name => $name);

    $nginx->write_config(Test::CRM::nginx_text($port, $root, workers => 1,
                         main => '', extra => '', log_level => 'info'));

    my $why = $nginx->start;

    die $why if $why;

    return $nginx;
}


# Each of two clients has its nginx and keeps its connection; both write the
# same record and wait for one another before the next.

sub client {
    my ($i) = @_;

    srand $seed + $i;

    my $s = IO::Socket::INET->new(PeerAddr => '127.0.0.1',
                                  PeerPort => ($left, $right)[$i]->{port})
        or die "connect: $!\n";
    my @got;

    for my $id (1 .. $rounds) {
        my $body = "{\"data\":[{\"Stage\":\"Closed Won\",\"By\":\"$i\"}]}";

        meet($id, $i);
        select undef, undef, undef, rand(0.0003) if $id % 2;

        print $s "PUT /crm/v8/Deals/$id HTTP/1.1\r\nHost: x\r\n"
            . "Content-Type: application/json\r\n"
            . 'Content-Length: ' . length($body) . "\r\n\r\n$body";

        push @got, answer($s);
    }

    return \@got;
}

# Returns when both clients have come as far as this round.

sub meet {
    my ($round, $i) = @_;

    redis('RPUSH', "meet:$round:" . (1 - $i), 'here');
    redis('BLPOP', "meet:$round:$i", 10) or die "round $round: alone\n";
}


# "200", "RECORD_LOCKED", or whatever else it is.

sub answer {
    my ($s) = @_;

    my ($status, $length) = ('', 0);

    while (defined(my $line = <$s>)) {
        $status = $1 if $line =~ m{^HTTP/1\.1 (\d+)};
        $length = $1 if $line =~ /^Content-Length: (\d+)/i;
        last if $line =~ /^\r?\n/;
    }

    my $text;

    read $s, $text, $length;

    return $status eq '400' && $text =~ /"code":"(RECORD_LOCKED)"/ ? $1 : $status;
}

my ($one, $two) = in_parallel(2, \&client);

for my $got ($one, $two) {
    is(ref $got, 'ARRAY', 'a client came through') or diag(explain $got);
}

my @pairs = map { join ' ', sort $one->[$_], $two->[$_] } 0 .. $rounds - 1;
my @odd = grep { $pairs[$_] ne '200 RECORD_LOCKED' } 0 .. $#pairs;

is(scalar @odd, 0, "row 94: one passes, one is refused, $rounds times of $rounds")
    or diag(join "\n", map { 'Deals/' . ($_ + 1) . ": $pairs[$_]" } @odd);

my (%writes, %first);

for my $w (crm_writes()) {
    $writes{ $w->{target} }++;
    ($first{ $w->{target} }) = $w->{body} =~ /"By":"(\d)"/;
}

is(scalar(grep { ($writes{"/crm/v8/Deals/$_"} || 0) == 1 } 1 .. $rounds), $rounds,
   'row 94: the backend has seen each record once');

is(scalar(grep {
       my $passed = $one->[$_ - 1] eq '200' ? 0 : 1;
       $first{"/crm/v8/Deals/$_"} eq $passed;
   } 1 .. $rounds), $rounds, 'by the client that was told so');

ok(all_ended(), 'no intent is left');
is_deeply(redis('KEYS', 'crm:{acme}:busy:*'), [], 'nor a lease');

note(scalar(grep { $_ eq '200' } @$one), ' times it was the first nginx');

is($left->stop, undef, 'one nginx stops, clean');
is($right->stop, undef, 'and the other');

done_testing();
