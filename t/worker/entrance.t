# Whatever lies in the entrance is taken in order, delivered, or dead with a
# reason; --once ends when nothing is due. Were it broken, one odd element
# would stop all others.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::More;
use Test::CRM;
use Test::CRM::Jobs;

redis_start();
receiver_start();

my $url = receiver_url('/hook');
my %why = (
    '' => qr/not JSON/,
    '{' => qr/not JSON/,
    '[]' => qr/object/,
    '"text"' => qr/object/,
    '42' => qr/object/,
    '{}' => qr/v must be 1/,
    '{"v":2}' => qr/v must be 1/,
    "{\"v\":1,\"type\":\"webhooks\",\"org\":\"acme\",\"action\":{},\"x\":\"\xff\"}"
        => qr/UTF-8/,
    '{"v":1,"type":"webhooks","org":"other","action":{}}' => qr/org must be "acme"/,
    '{"v":1,"type":"webhooks","org":"acme","action":[1]}' => qr/action must be/,
    '{"v":1,"type":"webhooks","org":"acme","action":{},"id":"a b"}' => qr/id must be/,
    '{"v":1,"type":"webhooks","org":"acme","action":{},"id":"a.b"}' => qr/id must be/,
    '{"v":1,"type":"webhooks","org":"acme","action":{},"action":{}}' => qr/./,
    '{"v":1,"type":"webhooks","org":"acme","action":{},"x":' . '[' x 500
        . ']' x 500 . '}' => qr/./,
    '{"v":1,"type":"webhooks","org":"acme","action":{"url":"http://127.0.0.1/"}'
        . ',"x":"\u0000"}' => qr/./,
    'x' x 2_000_000 => qr/larger than 1048576 bytes/);

for my $text (sort keys %why) {
    redis('DEL', key('dead'));
    push_text($text);
    push_job(url => $url);

    my $r = worker_once();
    my ($dead, @more) = dead();
    (my $shown = substr $text, 0, 70) =~ s/[^ -~]/?/g;

    is($r->{rc}, 0, "--once gets past: $shown");
    ok($dead && !@more, 'it is dead, alone');
    like($dead->{reason}, $why{$text}, 'with a reason');
}

is(scalar hooks(), scalar keys %why, 'and everything beside it is delivered');
ok(settled(), 'nothing is left');

# --- numbers that no double holds, and a large record

hooks_reset();

my $id = push_job(id => 'numbers', url => $url);
my $text = job_json(id => 'numbers2', url => $url);

$text =~ s/"record":\{/"record":{"a":123456789012345678901234567890,"b":19.99,"c":1e999,"d":-0.0,/;
redis('SADD', key('own'), 'numbers2');
push_text($text);
worker_once();
is(scalar hooks(), 2, 'numbers of a record are nobody\'s business');

$text = job_json(id => 'large', url => $url);
my $many = join ',', map { "\"f$_\":\"" . 'x' x 20 . '"' } 1 .. 20000;
$text =~ s/"record":\{/"record":{$many,/;
redis('SADD', key('own'), 'large');
push_text($text);
worker_once();
is(scalar hooks(), 3, 'a record of 20,000 fields and 700 KB is none either');

# --- --once

hooks_reset();
my $r = worker_once();
is($r->{rc}, 0, '--once with nothing to do exits with 0');

push_job(url => $url) for 1 .. 120;
$r = worker_once('--concurrency', 3);
is(scalar hooks(), 120, '--once delivers all that is there');
ok(settled(), 'and leaves nothing');

hooks_reset();
hooks_answer(status => 500, times => 1);
push_job(url => $url);
$r = worker_once('--retry-schedule', '1h');
is($r->{rc}, 0, '--once does not wait for what is not due');
is(scalar hooks(), 1, 'after the one attempt');

redis('ZADD', key('delayed'), 1, redis('ZRANGE', key('delayed'), 0, 0)->[0]);
worker_once();
is(scalar hooks(), 2, 'but takes what has become due');
ok(settled(), 'and nothing is left');

# --- the other queues are others' business

redis('RPUSH', key('queue:emails'), job_json(type => 'email_notifications'));
worker_once();
is(redis('LLEN', key('queue:emails')), 1, 'other entrances are not touched');

done_testing();
