# A webhook is delivered once, signed, with its own headers and body. Were it
# broken, receivers would refuse what we send, or obey what others send.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use MIME::Base64 qw(decode_base64 encode_base64);
use Test::More;
use Test::CRM;
use Test::CRM::Jobs;

my $new = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
my $old = 'an old secret';
my $secrets = work_dir() . '/secrets';

(my $old_word = $old) =~ s/ /-/g;

redis_start();
receiver_start();
spew("$secrets/erp", "$new\n$old_word\n");


sub deliver {
    my %o = @_;

    hooks_reset();

    my $id = push_job(url => receiver_url('/hook?x=1'), %o);
    my $r = worker_once({ HOOK_SECRET => $new, OTHER => $new },
                        '--secret-env', 'HOOK_SECRET', '--secrets', $secrets,
                        '--retry-schedule', '1h');

    is($r->{rc}, 0, 'the worker exits with 0') or diag $r->{err};

    return ($id, $r, hooks());
}


my ($id, $r, @hooks) = deliver(secret => 'env:HOOK_SECRET',
    headers => { 'X-Source' => 'crm', 'X-Empty' => '' },
    body => "{\"name\":\"M\x{fc}ller \x{2713}\"}");
my $h = $hooks[0]{header};

is(scalar @hooks, 1, 'the webhook arrives once');
is($hooks[0]{method}, 'POST', 'by the method asked for');
is($hooks[0]{target}, '/hook?x=1', 'at the target asked for');
is($hooks[0]{body}, "{\"name\":\"M\xc3\xbcller \xe2\x9c\x93\"}",
   'with the body to the byte');
is(verify_signature($hooks[0], $new), undef, 'its signature holds');
is($h->{'webhook-id'}, $id, 'webhook-id is the id of the job');
is($h->{'idempotency-key'}, $id, 'and so is Idempotency-Key');
is($h->{'x-source'}, 'crm', 'headers of the rule are sent');
is($h->{'x-empty'}, '', 'empty ones too');
is($h->{'content-type'}, 'application/json', 'a JSON body says so');
ok(!exists $h->{expect}, 'nothing waits for a 100');
ok(!exists $h->{'accept-encoding'}, 'no compressed answer is asked for');
ok(job_gone($id), 'the job is gone');
like($r->{err}, qr/delivered, org:acme job:$id .*reason:"status_200"/,
     'the log tells of it');
unlike($r->{err}, qr/ller|MfKQ9r8|whsec/, 'without payload and secret');

($id, $r, @hooks) = deliver(secret => 'file:erp');
is(verify_signature($hooks[0], $new), undef, 'in rotation the new secret holds');
is(verify_signature($hooks[0], $old_word), undef, 'and the old one');
like($hooks[0]{header}{'webhook-signature'}, qr/^v1,\S+ v1,\S+$/,
     'two signatures, separated by a blank');

# a day after the file was written the old one is of no more use
utime time - 86400, time - 86400, "$secrets/erp";
($id, $r, @hooks) = deliver(secret => 'file:erp');
is(verify_signature($hooks[0], $new), undef, 'a day later the new secret holds');
like($hooks[0]{header}{'webhook-signature'}, qr/^v1,\S+$/, 'and no other');
spew("$secrets/erp", "$new\n$old_word until:2000-01-01T00:00:00Z\n");
($id, $r, @hooks) = deliver(secret => 'file:erp');
like($hooks[0]{header}{'webhook-signature'}, qr/^v1,\S+$/, 'nor one whose time has come');
spew("$secrets/erp", "$new until:2000-01-01T00:00:00Z\n");
($id, $r, @hooks) = deliver(secret => 'file:erp');
is(scalar @hooks, 0, 'nothing is sent when each has come to its end');
like(job_hash($id)->{error}, qr/^secret_error: each of its keys/, 'and the reason is told');

# a key of which the receiver has the public half alone
{
    my $dir = work_dir();
    my $run = sub { my $r = run_command([ openssl => @_ ]); $r->{rc} ? die $r->{err} : $r->{out} };

    $run->(qw(genpkey -algorithm ed25519 -outform DER -out), "$dir/key");
    $run->(qw(pkey -in), "$dir/key", qw(-inform DER -pubout -out), "$dir/public");
    spew("$secrets/signs", 'whsk_' . encode_base64(substr(slurp("$dir/key"), -32), ''));
    ($id, $r, @hooks) = deliver(secret => 'file:signs');

    my ($at, $value) = @{ $hooks[0]{header} }{qw(webhook-timestamp webhook-signature)};

    like($value, qr/^v1a,/, 'a private key signs v1a');
    spew("$dir/bytes", "$id.$at.$hooks[0]{body}");
    spew("$dir/signature", decode_base64(substr $value, 4));
    like($run->(qw(pkeyutl -verify -pubin -rawin -inkey), "$dir/public", '-in', "$dir/bytes",
                '-sigfile', "$dir/signature"), qr/Verified Successfully/, 'which the public key verifies');
}

($id, $r, @hooks) = deliver();
is($hooks[0]{header}{'webhook-signature'}, undef,
   'without a secret nothing is signed');
is($hooks[0]{header}{'webhook-id'}, $id, 'but the id is there');

($id, $r, @hooks) = deliver(secret => 'env:HOOK_SECRET', headers => {
    'Webhook-Id' => 'forged', 'WEBHOOK-SIGNATURE' => 'v1,forged',
    'webhook-extra' => 'forged', 'Idempotency-Key' => 'forged',
    'Host' => 'forged', 'Content-Length' => '1', 'Connection' => 'upgrade',
    'Transfer-Encoding' => 'chunked', 'User-Agent' => 'mine' });
$h = $hooks[0]{header};
is(verify_signature($hooks[0], $new), undef,
   'headers of the rule do not touch the signature');
is(scalar(grep { lc $_->[0] eq 'webhook-id' } @{ $hooks[0]{headers} }), 1,
   'one webhook-id');
is($h->{'webhook-extra'}, undef, 'no other webhook- header');
is($h->{host}, '127.0.0.1:' . receiver_port(), 'nor the host');
is($h->{'idempotency-key'}, $id, 'nor the idempotency key');
is($hooks[0]{body}, '{"a":1}', 'nor the body');
is($h->{'user-agent'}, 'mine', 'others they may set');

for my $method (qw(GET PUT DELETE PATCH)) {
    ($id, $r, @hooks) = deliver(method => $method,
                                $method =~ /GET|DELETE/ ? (body => undef) : ());
    is($hooks[0]{method}, $method, "$method arrives as such");
    is($hooks[0]{body}, $method =~ /GET|DELETE/ ? '' : '{"a":1}',
       'with the body it has');
    ok(job_gone($id), 'and is done');
}

($id, $r, @hooks) = deliver(body => undef, secret => 'env:HOOK_SECRET');
is($hooks[0]{header}{'content-length'}, 0, 'a POST without a body is empty');
is($hooks[0]{header}{'content-type'}, undef, 'and claims no type');
is(verify_signature($hooks[0], $new), undef, 'its signature holds');

($id, $r, @hooks) = deliver(body => 'x' x 262144, headers =>
                            { 'Content-Type' => 'text/plain' });
is(length $hooks[0]{body}, 262144, 'a body of 256 KiB arrives whole');
is($hooks[0]{header}{'content-type'}, 'text/plain', 'with the type given');
like($r->{err}, qr/\[warn\].*webhook: a body above 20480 bytes.*job:$id.*bytes:262144/,
     'and the log says that it is larger than receivers like');
($id, $r, @hooks) = deliver(body => 'x' x 20480);
unlike($r->{err}, qr/a body above/, 'one of 20 KiB is well');

# --- secrets that are not there

for my $case (
    ['env:OTHER', qr/^secret_error: env:OTHER was not given as --secret-env/],
    ['env:HOME', qr/was not given as --secret-env/],
    ['file:missing', qr/^secret_error: file:missing cannot be opened/],
    ['file:../secrets/erp', qr/^secret_error: after file: stand letters/],
    ['file:.erp', qr/after file: stand letters/],
    ['file:/etc/passwd', qr/after file: stand letters/],
    ['erp', qr/a secret is named env:NAME or file:NAME/])
{
    my ($name, $why) = @$case;

    ($id, $r, @hooks) = deliver(secret => $name);
    is(scalar @hooks, 0, "nothing is sent when the secret is $name");
    is(job_hash($id)->{state}, 'delayed', 'it will be tried again');
    like(job_hash($id)->{error}, $why, 'and the reason is told');
}

# --- jobs that no commit wrote

($id, $r, @hooks) = deliver(foreign => 1);
is(scalar @hooks, 1, 'a foreign job is delivered');

($id, $r, @hooks) = deliver(foreign => 1, secret => 'env:HOOK_SECRET');
is(scalar @hooks, 0, 'but may use no secret');
like(dead_reason($id), qr/^foreign_secret/, 'and is dead with that reason');

($id, $r, @hooks) = deliver(id => undef, foreign => 1);
like($hooks[0]{header}{'webhook-id'}, qr/^[0-9a-f]{40}$/,
     'a job without an id gets the hash of its bytes');

done_testing();
