# Redis lies while it is greeted (AUTH, SELECT, INFO, CONFIG, the loading of
# scripts), and to the reads of shadow mode and of an organisation that is looked
# up: with what t/module/state_redis_rude.t hears of other commands. A connection
# that was not greeted is not used.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::CRM 'nginx';
use Test::CRM::Rude;
use Test::More;
use Test::Nginx::Socket 'no_plan';

rude_start();
$ENV{TEST_NGINX_RUDE_SOCK} = rude_sock();

our $Rules = <<'YAML';
kind: workflow_rule
name: told
module: Leads
execute_when: { type: create_or_edit }
conditions: [ { criteria: null, instant_actions: [ { type: webhooks, name: hook } ] } ]
---
kind: webhook
name: hook
module: Leads
url: http://127.0.0.1:9/
http_method: POST
---
kind: record_locking
module: Leads
lock_type: automatic
locking_rules:
  - name: closed
    lock_existing_records: true
    criteria: { field: x, comparator: equal, value: closed }
YAML

sub rude_http { return main::http_with(rude_sock(), @_) }

sub http_with {
    return "crm_redis unix:$_[0] " . ($_[1] || "timeout=@{[at_most(150)]}ms") . ";\ncrm_org acme;\n"
        . 'upstream crm_backend { server 127.0.0.1:$TEST_NGINX_CRM_PORT; }';
}

sub create { return http(POST => '/crm/v8/' . ($_[0] || 'Leads'), body => '{"data":[{"x":1}]}') }
sub change { return http(PUT => "/crm/v8/Leads/$_[0]", body => q({"data":[{"y":1}]})) }
sub status { return json_decode(http(GET => '/crm_status')->{body}) }

# Returns when the connection has ended and the next one is greeted: what ends it
# need not be our command, and the next one may be there before we could write.
sub next_connection {
    my ($greeted) = @_;
    my $talks = rude_talks();

    rude(($greeted || ()), { on => '*', close => 1, times => 1 });
    wait_for { create(); rude_talks() > $talks } 'the next connection';
}

# The one process that must outlive all of it.
our $Worker;
sub same_worker {
    my $pid = status()->{processes}[0]{pid};
    $Worker ||= $pid;
    return $pid == $Worker;
}

no_long_string();
run_tests();

__DATA__

=== TEST 1: the first connect meets lies
--- crm_rules eval: $::Rules
--- user_files
>>> password
right
and what nobody reads
--- redis_before
CONFIG SET requirepass right
--- http_config eval: main::rude_http('timeout=150ms password_file=$TEST_NGINX_SERVROOT/html/password')
--- crm_extra: crm_rules_wait 100ms;
--- init
undef $Worker;
my %cases = (%Lies, %Noise);
for my $on (qw(AUTH INFO SCRIPT)) {
    for my $case (sort keys %cases) {
        next if $on eq 'AUTH' && $case eq 'a status' || $case eq 'a reply too many';

        my $rule = $Noise{$case} || { reply => $Lies{$case} };

        wait_for { create()->{status} == 201 } 'good manners';
        crm_clear_log();

        # the connection ends, and the next one is met like this
        rude({ %$rule, on => $on }, { on => '*', close => 1, times => 1 });
        wait_for { create()->{status} == 503 } 'the end of the connection';
        is(create()->{status}, 503, "$on, $case: closed");
        is(create('Deals')->{status}, 201, "$on, $case: others pass");
        rude();
        ok(same_worker(), "$on, $case: the process lives");
    }
}
wait_for { create()->{status} == 201 } 'good manners';
pass('goes on');
--- request
GET /crm_status
--- error_code: 200
--- check
redis('CONFIG', 'SET', 'requirepass', '');



=== TEST 2: a database that is not chosen is not used
--- http_config eval: main::http_with(main::rude_sock() . ':/3')
--- crm_extra: crm_rules_wait 100ms;
--- init
wait_for { create()->{status} == 201 } 'good manners';
my $else = 'it answered AUTH or SELECT with something else than OK';
for ([ "-ERR DB index is out of range\r\n", 'DB index is out of range' ],
     [ ":0\r\n", $else ], [ "\$2\r\nOK\r\n", $else ])
{
    my ($reply, $why) = @$_;
    my $log = "$ENV{TEST_NGINX_SERVROOT}/logs/error.log";
    my $seen = length slurp($log);

    rude({ on => 'SELECT', reply => $reply }, { on => '*', close => 1, times => 1 });
    wait_for { substr(slurp($log), $seen) =~ /no connection to .*\Q$why\E/ }
        'the connection that is not used';
    ok(!status()->{redis}{up}, 'not up');
    rude();
    wait_for { status()->{redis}{up} } 'good manners';
}
--- request
GET /crm_status
--- error_code: 200
--- error_log: DB index is out of range



=== TEST 3: whoever may not ask for appendfsync knows the weaker promise
--- crm_rules eval: $::Rules
--- http_config eval: main::rude_http()
--- init
wait_for { create()->{status} == 201 } 'good manners';
redis('CONFIG', 'SET', 'appendfsync', 'always');
for my $case (sort keys %Lies) {
    next_connection({ on => 'CONFIG', reply => $Lies{$case} });
    rude({ on => 'CONFIG', reply => $Lies{$case} });
    wait_for { create()->{status} == 201 } "the connection, CONFIG, $case";
    is(status()->{org}{acme}{durability}, 'standard', "CONFIG, $case: used, and called standard");
}
next_connection();
rude();
wait_for { create()->{status} == 201 } 'good manners';
is(status()->{org}{acme}{durability}, 'strict', 'as it is');
redis('CONFIG', 'SET', 'appendfsync', 'everysec');
--- request
GET /crm_status
--- error_code: 200



=== TEST 4: in shadow, where it reads the record's state, everything passes
--- crm_rules eval: $::Rules
--- crm_seed
Leads/1 {"x":"closed"}
--- http_config
crm_redis unix:$TEST_NGINX_RUDE_SOCK timeout=150ms;
--- config
location /crm/ {
    crm_automation shadow;
    crm_org acme;
    crm_dialect zoho;
    crm_record_location /_crm_record;
    proxy_pass http://127.0.0.1:$TEST_NGINX_CRM_PORT;
}
location /_crm_record/ { internal; proxy_pass http://127.0.0.1:$TEST_NGINX_CRM_PORT/; }
location = /crm_status { crm_status; }
--- init
undef $Worker;
wait_for { status()->{org}{acme}{revision} } 'the rules';
for my $case (sort(keys %Lies), grep { $_ ne 'a reply too many' } keys %Noise) {
    rude({ %{ $Noise{$case} || { reply => $Lies{$case} } }, on => 'HGETALL' });
    is(change(1)->{status}, 200, "HGETALL, $case: passes");
    rude();
    ok(same_worker(), "HGETALL, $case: the process lives");
}
--- request
GET /crm_status
--- error_code: 200



=== TEST 5: an organisation that cannot be looked up is held, then closed
--- crm_rules eval: $::Rules
--- http_config
crm_redis unix:$TEST_NGINX_RUDE_SOCK timeout=150ms;
map $uri $who { default acme; }
--- config
location /crm/ {
    crm_automation on;
    crm_org $who;
    crm_dialect zoho;
    crm_record_location /_crm_record;
    crm_rules_wait 100ms;
    proxy_pass http://127.0.0.1:$TEST_NGINX_CRM_PORT;
}
location /_crm_record/ { internal; proxy_pass http://127.0.0.1:$TEST_NGINX_CRM_PORT/; }
location = /crm_status { crm_status; }
--- init
undef $Worker;
for my $case (sort(keys %Errors), 'a status', 'nil', 'an empty list', 'a string') {
    rude({ on => 'SISMEMBER', reply => $Lies{$case} });
    is(create()->{status}, 503, "SISMEMBER, $case: closed");
    ok(same_worker(), "SISMEMBER, $case: the process lives");
}
rude();
wait_for { create()->{status} == 201 } 'good manners';
pass('goes on');
--- request
GET /crm_status
--- error_code: 200

