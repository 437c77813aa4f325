# Bad input: everything that should not be in a queue at once, with good jobs in
# between. Each has its visible end, and disturbs no other; were it broken, one
# odd element would stop, or misuse, the worker of all.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use IO::Socket::INET;
use POSIX ();
use Test::More;
use Test::CRM;
use Test::CRM::Chain qw(chain_key_file);
use Test::CRM::Jobs;
use Test::CRM::Mail;
use Test::CRM::Process;

redis_start();
receiver_start();

my $port = receiver_port();
my ($here, $yes) = ("http://127.0.0.1:$port", JSON::PP::true);

# The CRM refuses who is not its user.
my $refuses = '{"data":[{"code":"INVALID_DATA","details":{"api_name":"Owner"},"message":"the id given is invalid","status":"error"}]}';

# A relay that talks as it is told to; then it drops the line, or stays on it.
sub relay {
    my ($stay, @answers) = @_;

    my $listen = IO::Socket::INET->new(Listen => 8, LocalAddr => '127.0.0.1') or die "listen: $!";
    my $pid = Test::CRM::Process::fork_child('relay');

    return 'smtp://127.0.0.1:' . $listen->sockport if $pid;

    $SIG{CHLD} = 'IGNORE';

    while (my $c = $listen->accept) {
        next if fork();
        $c->autoflush(1);

        for my $answer (@answers) {
            print $c $answer;
            my $line = readline($c) // last;
            $line = readline($c) // last while $answer =~ /^354/ && $line ne ".\r\n";
        }

        1 while $stay && defined readline $c;
        POSIX::_exit(0);
    }
    POSIX::_exit(0);
}

# A job of records: type, action, foreign.
sub push_record {
    my ($id, $type, $action, $foreign) = @_;

    redis('SADD', key('own'), $id) unless $foreign;
    redis('RPUSH', key('queue:records'),
          json_encode({ %{ json_decode(job_json(id => $id, type => $type)) }, action => $action }));

    return $id;
}

sub good { push_job(url => "$here/good") }

my %job = (v => 1, type => 'webhooks', org => crm_org(), action => { url => "$here/bad" });
my (@good, %dead);

# --- what is no job: by what the element holds

my @elements = (
    [ 'no JSON' => 'not JSON', qr/^not JSON/ ],
    [ 'JSON that is cut' => '{"v":1,"type":"webhooks"', qr/^not JSON/ ],
    [ 'of an unknown version' => json_encode({ %job, v => 2 }), qr/^v must be 1/ ],
    [ 'without a type' => json_encode({ %job, type => '' }), qr/^type must be/ ],
    [ 'without an action' => json_encode({ map { $_ => $job{$_} } qw(v type org) }), qr/^action must be an object/ ],
    [ 'with an action that is none' => json_encode({ %job, action => 'call' }), qr/^action must be an object/ ],
    [ 'of another organisation' => json_encode({ %job, org => 'other' }), qr/^org must be/ ],
    [ 'with a body of 10 MB' => json_encode(\%job) =~ s/"action":\{/'"action":{"body":"' . 'x' x 10_000_000 . '",'/er,
      qr/^larger than 1048576 bytes/ ],
);

for (@elements) {
    push_text($_->[1]);
    push @good, good();
}

# --- jobs of others, or of nobody

$dead{'of an unknown type'} = [ push_job(type => 'telegrams', url => "$here/bad"), qr/^unsupported_type/ ];
$dead{'a foreign job that names a secret'} =
    [ push_job(url => "$here/bad", secret => 'env:HOOK_SECRET', foreign => 1), qr/^foreign_secret/ ];
$dead{'a foreign job that writes a record'} =
    [ push_record('foreign', 'field_updates', { fields => { Stage => 'Won' } }, 1), qr/^foreign_record/ ];
$dead{'an owner that the CRM does not know'} =
    [ push_record('owner', 'assign_owner', { owner => 'nobody' }), qr/^status_400: INVALID_DATA, the id given/ ];
$dead{'an owner that is no id'} =
    [ push_record('ownerless', 'assign_owner', { owner => [] }), qr/^malformed_job/ ];
$dead{'a webhook with a body above 256 KiB'} =
    [ push_job(url => "$here/bad", body => 'x' x 300_000), qr/^malformed_job: action\.body is larger/ ];
push @good, good();

# --- recipients that are no address

for my $to ('nobody', 'a b@example.test', "a\@example.test\r\nBcc: b\@example.test", '@example.test', 'a@', '',
            "a\@example.test\0", '<a@example.test>')
{
    $dead{'the recipient "' . $to =~ s/[^ -~]/?/gr . '"'} =
        [ push_mail(to => [$to]), qr/^(?:malformed_job|no_recipient)/ ];
}

$dead{'recipients that are no list'} = [ push_mail(to => 'boss@example.test'), qr/^malformed_job/ ];
$dead{'a subject of two lines'} = [ push_mail(subject => "Hi\r\nBcc: b\@example.test"), qr/^malformed_job/ ];

# --- URLs: one of each form that leads inside, or nowhere

for my $url ("http://2130706433:8081/", "http://0x7f.1:8081/", "http://[::ffff:127.0.0.2]:$port/", 'http://[::1]/',
             'http://169.254.169.254/', 'http://[64:ff9b::a9fe:a9fe]/', 'http://10.0.0.1/', "http://a\@127.0.0.1:$port/",
             'gopher://127.0.0.1/', 'file:///etc/passwd', "http://127.0.0.1:$port/\r\nX: y", 'http:127.0.0.1',
             'http://93.184.215.14:6379/', 'http://' . 'x' x 3000, 42)
{
    $dead{'the URL "' . substr($url, 0, 60) =~ s/[^ -~]/?/gr . '"'} = [ push_job(url => $url, allow_http => $yes),
        qr/^(?:blocked_address|blocked_port|malformed_job)/ ];
}

push @good, good();


my @options = ('--allow-private', "127.0.0.1/32:$port", '--secret-env', 'HOOK_SECRET', '--retry-schedule', '1h',
               '--chain-key-file', chain_key_file());
my $bare = [ worker_command()->[0], '--redis', redis_url(), '--org', crm_org(), '--once', '--endpoint-rate', 0, @options ];
my $crm = refusing_crm();
my $r = run_command([ @$bare, '--backend', $crm, '--smtp', relay(0, "220 x\r\n", "250 x\r\n", ("250 ok\r\n") x 2,
                      "354 go\r\n"), '--smtp-tls', 'none' ], env => { HOOK_SECRET => 'x' }, timeout => 60);

is($r->{rc}, 0, 'bad input: the worker goes on') or diag $r->{err};

# decoded once: some of them are large
my @dead = dead();
my %why = map { ref $_->{job} ? ($_->{job}{id} // '' => $_->{reason}) : () } @dead;

redis('DEL', key('dead'));

for (@elements) {
    my ($what, $text, $why) = @$_;

    ok((grep { $_->{reason} =~ $why } @dead), "bad input: an element $what is dead, and says so");
}

for my $what (sort keys %dead) {
    my ($id, $why) = @{ $dead{$what} };

    like($why{$id} // job_hash($id)->{error} // 'nothing', $why, "bad input: $what is dead, and says so");
}

is(scalar(grep { $_->{target} eq '/bad' } hooks()), 0, 'bad input: nothing of it was sent');
is(scalar(grep { $_->{target} eq '/good' } hooks()), scalar @good, 'bad input: the good ones have arrived');
is(redis('ZCARD', key('lease')), 0, 'bad input: nothing is leased');
is(redis('EXISTS', key('inflight')), 0, 'bad input: no room is lost');
unlike($r->{err}, qr/Bcc|xxxxxxxx/, 'bad input: the log shows none of it');

# --- relays that lie, stall, or drop the line

for (
    [ 'lies: yes to DATA at once' => relay(1, "220 x\r\n", "250 x\r\n", ("250 ok\r\n") x 9), qr/^bad_answer/ ],
    [ 'stalls' => relay(1, "220 x\r\n", "250 x\r\n", '250 ok'), qr/^timeout/ ],
    [ 'drops the line after DATA' => relay(0, "220 x\r\n", "250 x\r\n", ("250 ok\r\n") x 2, "354 go\r\n"),
      qr/^connection_lost/ ],
) {
    my ($what, $url, $why) = @$_;
    my $mail = push_mail();
    my $id = good();

    $r = run_command([ @$bare, '--smtp', $url, '--smtp-tls', 'none', '--timeout', '1s' ],
                     env => { HOOK_SECRET => 'x' }, timeout => 60);
    is($r->{rc}, 0, "bad input: a relay that $what does not stop the worker");
    like(job_hash($mail)->{error} // 'nothing', $why, 'bad input: its mail is tried again, and says why');
    ok(job_gone($id) && !defined dead_reason($id), 'bad input: the webhook beside it has arrived');
}

done_testing();


# A CRM that refuses every write.
sub refusing_crm {
    my $listen = IO::Socket::INET->new(Listen => 8, LocalAddr => '127.0.0.1') or die "listen: $!";
    my $pid = Test::CRM::Process::fork_child('crm');

    return 'http://127.0.0.1:' . $listen->sockport . '/crm/v8' if $pid;

    while (my $c = $listen->accept) {
        $c->autoflush(1);
        my $text = '';
        $text .= readline($c) // last until $text =~ /\r\n\r\n\z/;
        read $c, my $body, $1 if $text =~ /^content-length: (\d+)/mi;
        print $c "HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: "
            . length($refuses) . "\r\n\r\n$refuses";
        close $c;
    }
    POSIX::_exit(0);
}
