# A relay that refuses for now, for good, lies, stalls or drops the line: what
# may work later is tried again with the same Message-ID, what never will is
# dead with the relay's word, and the worker goes on meanwhile. Broken, mails
# are lost, sent twice, or one bad relay stops all deliveries.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use IO::Socket::INET;
use POSIX ();
use Test::More;
use Test::CRM;
use Test::CRM::Jobs;
use Test::CRM::Mail;
use Test::CRM::Process;

redis_start();
relay_start();


# --- what the relay says decides

for (
    [ MAIL => '421 4.3.2 closing', 'delayed', qr/^status_421: .* at MAIL$/ ],
    [ RCPT => '450 4.2.1 busy', 'delayed', qr/^status_450: .* at RCPT$/ ],
    [ DATA => '452 4.3.1 full', 'delayed', qr/^status_452: .* the message$/ ],
    [ MAIL => '530 5.7.0 no', 'dead', qr/^status_530: .* at MAIL$/ ],
    [ RCPT => '550 5.1.1 unknown', 'dead', qr/^status_550: .* at RCPT$/ ],
    [ DATA => '554 5.6.0 spam', 'dead', qr/^status_554: .* the message$/ ],
) {
    my ($at, $say, $state, $reason) = @$_;

    mails_reset();
    relay_answers({ at => $at, say => $say });
    my $id = push_mail();
    mail_once();

    if ($state eq 'dead') {
        like(dead_reason($id) || '', $reason, "F41: \"$say\" at $at ends it");
        ok(job_gone($id), 'for good');
        next;
    }

    my $job = job_hash($id);

    is($job->{state}, 'delayed', "F41: \"$say\" at $at is tried again");
    like($job->{error}, $reason, 'and says why');
    is($job->{attempts}, 1, 'as an attempt');

    relay_answers();
    redis('ZADD', key('delayed'), 1, $id);
    mail_once();
    is((mails())[-1]{headers}{'message-id'}, "<$id\@example.test>",
       'then it goes');
}

unlike(slurp_log(), qr/example\.test|Hello/, 'no log shows an address or a text');

sub slurp_log { return -e work_dir() . '/worker.log' ? worker_log() : '' }


# --- each recipient has a fate of his own

mails_reset();
relay_answers({ at => 'RCPT', to => 'later@example.test', say => '450 later',
                times => 1 },
              { at => 'RCPT', to => 'never@example.test', say => '550 never' });
my $id = push_mail(to => [ map { "$_\@example.test" } qw(now later never) ]);
mail_once();
is(join(',', map { @{ $_->{to} } } mails()), 'now@example.test',
   'who can be served is served');
like(dead_reason("$id-3"), qr/^status_550/, 'who cannot is dead');
is(job_hash("$id-2")->{state}, 'delayed', 'who can later waits');
redis('ZADD', key('delayed'), 1, "$id-2");
mail_once();
is(join(',', map { @{ $_->{to} } } mails()),
   'now@example.test,later@example.test', 'and nobody gets it twice');


# --- the line drops after the data: the relay may have it

mails_reset();
relay_answers({ at => 'DATA', do => 'drop', times => 1 });
$id = push_mail();
mail_once();
like(job_hash($id)->{error} || '', qr/^connection_lost: .* the message$/,
     'F41: without the last word the mail is tried again');
redis('ZADD', key('delayed'), 1, $id);
mail_once();
is(join(',', map { $_->{headers}{'message-id'} } mails()),
   join(',', ("<$id\@example.test>") x 2),
   'with the same Message-ID, so that who has it twice can tell');
is((mails())[0]{raw}, (mails())[1]{raw}, 'byte for byte');


# --- nobody there

relay_stop();
$id = push_mail();
mail_once();
like(job_hash($id)->{error} || '', qr/^connection_refused/,
     'no relay: it waits');
redis('DEL', key("job:$id"));
redis('DEL', key('delayed'));


# --- relays of the rudest kind

# rude([answer, ...]): a relay that says these, one for each line it hears and
# the first unasked; then it stays on the line and says nothing.
sub rude {
    my ($answers) = @_;

    my $listen = IO::Socket::INET->new(Listen => 8, LocalAddr => '127.0.0.1')
        or die "listen: $!";
    my $pid = Test::CRM::Process::fork_child('rude-relay');

    if ($pid == 0) {
        while (my $c = $listen->accept) {
            next if fork();
            $c->autoflush(1);

            for my $answer (@$answers) {
                print $c ref $answer ? $answer->() : $answer;
                my $line = <$c>;
                defined $line or last;

                if ($line =~ /^DATA/ && $answer ne $answers->[-1]) {
                    next;
                }
            }

            1 while defined(my $line = <$c>);
            POSIX::_exit(0);
        }
    }

    return ($pid, 'smtp://127.0.0.1:' . $listen->sockport);
}

my @hello = ("220 x\r\n", "250 x\r\n");

for (
    [ 'says nothing', [ '' ], 1, qr/^timeout: .* the greeting$/ ],
    [ 'is no mail server', [ "SSH-2.0-x\r\n" ], 1, qr/^timeout/ ],
    [ 'greets with 554', [ "554 go away\r\n" ], 0,
      qr/^status_554: .* the greeting$/ ],
    [ 'knows neither EHLO nor HELO', [ "220 x\r\n", "502 no\r\n", "502 no\r\n" ],
      0, qr/^(?:status_502|bad_answer)/ ],
    [ 'says yes to DATA at once', [ @hello, ("250 ok\r\n") x 9 ], 0,
      qr/^bad_answer: .* DATA$/ ],
    [ 'stalls after RCPT', [ @hello, "250 ok\r\n", '' ], 1, qr/^timeout/ ],
    [ 'stalls after 550, at QUIT',
      [ @hello, "250 ok\r\n", "550 no\r\n", '' ], 0, qr/^dead:status_550/ ],
    [ 'never ends its answer', [ "220 x\r\n", "250-x\r\n" x 100_000 ], 0,
      qr/^(?:bad_answer|connection_lost)/ ],
) {
    my ($what, $answers, $slow, $reason) = @$_;
    my ($pid, $url) = rude($answers);

    $id = push_mail();
    my $r = worker_once('--smtp', $url, '--smtp-tls', 'none',
                        '--timeout', $slow ? '1s' : '20s');
    my $dead = dead_reason($id);

    is($r->{rc}, 0, "a relay that $what does not stop the worker");
    like($dead ? "dead:$dead" : job_hash($id)->{error} || '', $reason,
         'and the mail says what happened');
    redis('DEL', key("job:$id"), key('delayed'));
    kill_process($pid);
}


# --- TLS

my ($cert, $key) = certificate();

relay_start('--cert', $cert, '--key', $key, '--require-tls',
            '--auth', 'crm:se-cret');
mails_reset();
spew(work_dir() . '/secrets-smtp', "se-cret\n");
mkdir work_dir() . '/secrets';
spew(work_dir() . '/secrets/smtp', "se-cret\n");
spew(work_dir() . '/secrets/wrong', "guess\n");

my @login = ('--secrets', work_dir() . '/secrets', '--smtp-user', 'crm');
my @trust = ('--ca-file', $cert, '--smtp', relay_url());

sub outcome {
    my $id = push_mail();
    worker_once(@_);
    my $said = dead_reason($id) || job_hash($id)->{error} || 'sent';
    redis('DEL', key("job:$id"), key('delayed'));
    return $said;
}

is(outcome(@trust, @login, '--smtp-password', 'file:smtp'), 'sent',
   'STARTTLS and a login');
my ($mail) = mails();
ok($mail->{tls}, 'the mail went over TLS');
is($mail->{user}, 'crm', 'with the name');
like(outcome(@trust, @login, '--smtp-password', 'file:wrong'), qr/at AUTH/,
     'a wrong password costs no mail its life');
like(outcome(@trust, @login, '--smtp-password', 'file:none'),
     qr/^secret_error/, 'nor does one that is not there');
like(outcome('--smtp', relay_url()), qr/^tls_error/,
     'a certificate that nobody vouches for is refused');
like(outcome('--smtp', relay_url(), '--smtp-tls', 'none'), qr/^status_530/,
     'who wants no TLS where it is wanted hears so');

relay_stop();
relay_start();
like(outcome('--smtp', relay_url()),
     qr/^tls_error: the relay offers no STARTTLS/,
     'F41: a relay that offers no STARTTLS gets no mail');
is(scalar mails(), 1, 'not a byte of it');

relay_stop();
relay_start('--cert', $cert, '--key', $key, '--smtps');
is(outcome('--ca-file', $cert, '--smtp', relay_url('smtps')), 'sent',
   'smtps is TLS from the first byte');
ok((mails())[-1]{tls}, 'as the relay sees too');


# --- the password is nobody else's

receiver_start();
$id = push_job(url => receiver_url('/'), secret => 'file:smtp');
worker_once(@trust, @login, '--smtp-password', 'file:smtp');
like(job_hash($id)->{error} || '', qr/the mail relay's and signs nothing/,
     'a webhook cannot use it');

done_testing();
