# A function is run by URL, as a button does, and what it returns is the answer:
# by the vendor's path and by crm_api. Fails when nginx waits with its hands
# bound, when a function runs for somebody unknown, or when one that fails or
# has not ended is answered like one that went well.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::More;
use Test::CRM;
use Test::CRM::Chain;
use Test::CRM::Jobs qw(key);

plan skip_all => 'a function is /proc/self/exe, which is memcheck here' if $ENV{CRM_TEST_VALGRIND};

redis_start();
crm_start();

my %script = (
    adds => [ '[ { name: a, type: integer }, { name: b, type: integer } ]', "info \"first\";\ninfo \"second\";\nreturn a + b;" ],
    lists => [ '[]', 'return {"who": zoho.loginuser, "of": {1, 2}};' ],
    throws => [ '[]', "x = 1;\nthrow \"no \" + x;" ],
    writes => [ '[ { name: id, type: text } ]', 'return zoho.crm.updateRecord("Deals", id, {"Seen": true}).get("id");' ],
    fails => [ '[]', 'return zoho.crm.getRecordById("Broken", "1");' ],
);

my $files = '';
my $rules = "kind: profile\nname: Standard\n---\nkind: user\nid: \"1002\"\nname: Sam Sales\nprofile: Standard\n";

for my $name (sort keys %script) {
    $files .= ">>> $name.dg\n$script{$name}[1]\n";
    $rules .= "---\nkind: function\nname: $name\nfile: $name.dg\narguments: $script{$name}[0]\n";
}

crm_rules(">>> rules.yaml\n$rules$files");

my $key = chain_key_file();
my $tokens = work_dir() . '/tokens';

spew($tokens, "sam:0123456789abcdef-sam:1002\nghost:0123456789abcdef-ghost:9\n");
chmod 0600, $tokens;

nginx_start(
            server => crm_server_config("crm_chain_key_file $key;")
                      . "location /crm_api/ { crm_api write=on guarded=/crm/v8; crm_api_token_file $tokens; }");

my @worker = ('--backend', guarded_url(), '--chain-key-file', $key,
              '--allow-private', '127.0.0.0/8');

sub ours {
    my ($name, $body, $token) = @_;

    return http(POST => "/crm_api/functions/$name/execute", body => $body,
                headers => [ 'Content-Type' => 'application/json',
                             Authorization => 'Bearer 0123456789abcdef-' . ($token || 'sam') ]);
}

sub vendor {
    my ($name, $body, $query) = @_;

    return http(POST => "/crm/v8/functions/$name/actions/execute" . ($query || ''), body => $body // '',
                headers => [ 'Content-Type' => 'application/json', 'X-CRM-User' => '1002' ]);
}

worker_start(@worker);

my $r = ours('adds', '{"arguments":{"a":2,"b":40}}');

is($r->{status}, 200, 'crm_api: it ran');
is_deeply(json_decode($r->{body}), { result => 42, log => [ 'first', 'second' ] }, 'with its result and what it told');

$r = vendor('adds', '{"arguments":{"a":2,"b":40}}');
is($r->{status}, 200, "the vendor's path");
is(json_decode($r->{body})->{details}{output}, '42', "with the vendor's answer, a text");
is(json_decode(vendor('adds', '', '?auth_type=oauth&arguments=%7B%22a%22%3A1%2C%22b%22%3A2%7D')->{body})->{details}{output},
   '3', 'arguments may stand in the query');

is_deeply(json_decode(ours('lists', '{}')->{body})->{result}, { who => 'Sam Sales', of => [ 1, 2 ] },
          'who calls is who it runs for');

crm_seed('Deals', 5, '{}');
is(json_decode(ours('writes', '{"arguments":{"id":"5"}}')->{body})->{result}, '5', 'it may write');
ok(json_decode(crm_record('Deals', 5))->{Seen}, 'and has');

$r = ours('throws', '{}');
is($r->{status}, 422, 'what it throws is an error');
is_deeply([ @{ json_decode($r->{body}) }{qw(code line)} ], [ 'FUNCTION_FAILED', 2 ], 'with its line');
like($r->{body}, qr/line 2: no 1/, 'and sentence');
$r = vendor('throws', '{}');
is($r->{status}, 400, 'by the vendor\'s path too');
is(json_decode($r->{body})->{code}, 'FUNCTION_FAILED', 'with a code');

crm_fail(fault => 'status', status => 500, method => 'GET', times => 1);
is(ours('fails', '{}')->{status}, 422, 'a CRM that fails is an error at once');
is(redis('ZCARD', key('delayed')), 0, 'nothing is tried again when nobody waits for it');

is(ours('adds', '{"arguments":{"a":2}}')->{status}, 400, 'a missing argument is refused');
is(ours('adds', '{"arguments":{"a":2,"b":1,"c":3}}')->{status}, 400, 'and one too many');
is(ours('adds', '[1]')->{status}, 400, 'and a body that is no object');
is(json_decode(vendor('adds', '{}')->{body})->{code}, 'INVALID_DATA', "in the vendor's words, too");
is(ours('nobody', '{}')->{status}, 404, 'a function that is not there');
is(ours('adds', '{}', 'ghost')->{status}, 403, 'a user whom the rules do not know');
is(ours('adds', '{}', 'none')->{status}, 401, 'a token that is none');
is(http(POST => '/crm/v8/functions/adds/actions/execute', body => '{}')->{status}, 403, 'nobody at all');

crm_clear_log();
$r = vendor('elsewhere', '{}');
is(scalar(grep { $_->{target} =~ m{/functions/elsewhere/} } crm_log()), 1,
   'a function that the rules do not have is the backend\'s');

# Ten wait while no worker runs; nginx serves others meanwhile.
worker_stop();

my @all = in_parallel(11, sub {
    my ($i) = @_;

    return json_decode(ours('adds', qq({"arguments":{"a":$i,"b":100}}))->{body})->{result} if $i;

    wait_for { redis('LLEN', key('queue:functions')) == 10 } 'ten that wait';

    my $read = http(GET => '/crm/v8/Deals/5')->{status};

    worker_once(@worker);

    return $read;
});

is_deeply(\@all, [ 200, map { 100 + $_ } 1 .. 10 ], 'each that waited has its own answer');

done_testing();
