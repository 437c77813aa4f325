# crm_record_source snapshot: the record as its last write left it is kept in
# Redis, and the next write of it asks the CRM for nothing. Fails when a write is
# judged by a record that is not so any more although all its writes came
# through nginx, or when the CRM is asked all the same.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::More;
use Test::CRM;
use Test::CRM::Recovery;

redis_start();
crm_start();

my $lock = <<'EOT';
kind: record_locking
module: Deals
lock_type: automatic
locking_rules:
  - name: closed
    lock_existing_records: true
    criteria: { field: Stage, comparator: equal, value: Closed Won }
---
kind: workflow_rule
name: told
module: Leads
execute_when: { type: edit }
conditions: [ { criteria: { field: City, comparator: equal, value: Rome }, instant_actions: [ { type: webhooks, name: hook } ] } ]
---
kind: webhook
name: hook
module: Leads
url: http://127.0.0.1:9/
http_method: POST
EOT
my $guard = 'crm_record_source snapshot; crm_backend_max_time 3s; proxy_read_timeout 2s; crm_lease_wait 1s;';

crm_rules($lock);
nginx_start(extra => $guard);

my ($left, $right) = map { an_nginx("host$_") } 0, 1;

sub an_nginx {
    my ($name, $extra) = @_;

    my ($port, $root) = (free_port(), work_dir() . "/$name");
    my $nginx = Test::CRM::Nginx->new(root => $root, port => $port, name => $name);

    $nginx->write_config(Test::CRM::nginx_text($port, $root, workers => 1, main => '',
        extra => $extra || $guard, log_level => 'info'));

    my $why = $nginx->start;

    die $why if $why;

    return $nginx;
}

sub snapshot { return redis('GET', "crm:{acme}:snapshot:$_[0]") }

# put('Deals/1', FIELDS, port => N): "200 GET,PUT": status and what the CRM was asked.
sub asked {
    my ($method, $path, %o) = @_;

    crm_clear_log();

    my $r = http($method, "/crm/v8/$path", timeout => 20, %o);
    my $code = $r->{status} == 400 && $r->{body} =~ /"code":"(\w+)"/ ? " $1" : '';

    return "$r->{status}$code " . join ',', map { $_->{method} } crm_log();
}

sub put {
    my ($record, $fields, %o) = @_;

    return asked(PUT => $record, body => "{\"data\":[{$fields}]}", %o);
}

# A record of which there is a snapshot.
sub known {
    my ($record, $json) = @_;

    my ($module, $id) = split m{/}, $record;

    crm_seed($module, $id, $json);

    my $was = put($record, '"Note":"known"');

    die "$record: $was\n" if $was ne '200 GET,PUT' || !snapshot($record);
}


# --- what it is for

crm_seed('Deals', 1, '{"Stage":"Open","Amount":19.90,"City":"Rome"}');

is(put('Deals/1', '"Amount":20.10'), '200 GET,PUT', 'the first write of a record reads it');
is(put('Deals/1', '"Name":"x"'), '200 PUT', 'the next one does not');
like(snapshot('Deals/1'), qr/\A\w{26} 1 1 0 zoho\n\{/, 'its head: epoch, format, revision, dialect');
like(snapshot('Deals/1'), qr/"Amount":20\.10\b.*"Name":"x"/, 'the record, digit for digit');
unlike(snapshot('Deals/1'), qr/Modified_Time/, 'but not when it was written');
cmp_ok(redis('TTL', 'crm:{acme}:snapshot:Deals/1'), '<=', 3600, 'it is kept for an hour');
is(put('Deals/1', '"Stage":"Closed Won"', port => $left->{port}), '200 PUT', 'another host reads it as well');
is(put('Deals/1', '"Stage":"Open"', port => $right->{port}), '400 RECORD_LOCKED ', 'a lock that it shows holds');
is(put('Deals/1', '"Stage":"Open"'), '400 RECORD_LOCKED ', 'also for the next one: a refusal changes nothing');

known('Leads/1', '{"City":"Rome"}');
redis('DEL', 'crm:{acme}:queue:webhooks');
is(put('Leads/1', '"Note":"b"'), '200 PUT', 'rules read it');

my ($job) = map { json_decode($_) } @{ redis('LRANGE', 'crm:{acme}:queue:webhooks', 0, -1) };
is($job->{before}{Note}, 'known', 'jobs tell what was before');
is($job->{record}{City}, 'Rome', 'and what is');

crm_seed('Deals', $_, '{"Stage":"Open"}') for 11 .. 13;

my $many = join ',', map { "{\"id\":\"$_\",\"Amount\":1}" } 11 .. 13;

is(asked(PUT => 'Deals', body => "{\"data\":[$many]}"), '200 GET,PUT', 'many are read in one');
is(asked(PUT => 'Deals', body => "{\"data\":[$many]}"), '200 PUT', 'and then none is');
redis('DEL', 'crm:{acme}:snapshot:Deals/12');
is(asked(PUT => 'Deals', body => "{\"data\":[$many]}"), '200 GET,PUT', 'where one is missing, all are read');
redis('SET', 'crm:{acme}:snapshot:Deals/13', 'x' . snapshot('Deals/13'));
is(put('Deals/12', '"Stage":"Closed Won"'), '200 PUT', 'one of them is locked');
$many =~ s/:1\}/:2}/g;
is(asked(PUT => 'Deals', body => "{\"data\":[$many]}"), '207 GET,PUT', 'it is cut out');
is(asked(DELETE => 'Deals?ids=11,13'), '200 DELETE', 'a delete reads none either');
is(snapshot("Deals/$_"), undef, "and leaves none of $_") for 11, 13;


known('Deals/14', '{"Stage":"Open"}');
is(asked(POST => '__composite_requests', body => '{"__composite_requests":[{"method":"PUT","uri":"/crm/v8/Deals/14",'
         . '"body":{"data":[{"Stage":"Closed Won"}]}}]}'), '200 GET,POST', 'a request in one reads its record');
is(snapshot('Deals/14'), undef, 'and leaves none of it');
is(put('Deals/14', '"Note":"x"'), '400 RECORD_LOCKED GET', 'so that the next write sees what it made');


# --- when the backend is asked after all

known('Deals/2', '{"Stage":"Open"}');

my $good = snapshot('Deals/2');

for (
    [ 'it is gone', undef ],
    [ 'another epoch', 'A' x 26 . substr $good, 26 ],
    [ 'another format', $good =~ s/ 1 1 / 2 1 /r ],
    [ 'another revision', $good =~ s/ 1 1 / 1 9 /r ],
    [ 'another dialect', $good =~ s/ zoho\n/ rest\n/r ],
    [ 'another file of that dialect', $good =~ s/ 0 zoho/ 1f zoho/r ],
    [ 'half of it', substr $good, 0, -3 ],
    [ 'no record', $good =~ s/\n.*/\n[1]/sr ],
    [ 'its head alone', $good =~ s/\n.*/\n/sr ],
    [ 'a field twice', $good =~ s/\n\{/\n{"Stage":"Won","Stage":"x",/r ],
) {
    my ($what, $text) = @$_;

    redis('DEL', 'crm:{acme}:snapshot:Deals/2');
    redis('SET', 'crm:{acme}:snapshot:Deals/2', $text) if defined $text;
    is(put('Deals/2', '"Note":"n"'), '200 GET,PUT', "$what: the CRM is asked");
}

is(put('Deals/2', '"Note":"n"'), '200 PUT', 'once');
is(put('Deals/2', '"Long":"' . 'x' x 70_000 . '"'), '200 PUT', 'a record that becomes large');
is(snapshot('Deals/2'), undef, 'is not kept');

crm_rules($lock . "---\nkind: field_update\nname: other\nmodule: Leads\nfield: Note\nvalue: x\n");
wait_for { put('Deals/1', '"Stage":"Open"') eq '400 RECORD_LOCKED GET' } 'rules of another revision: what they do not see others may have written';
pass('a snapshot of another revision is not used');


# --- what leaves none

sub gone {
    my ($what, $status, $how) = @_;

    known('Deals/3', '{"Stage":"Open"}');
    is($how->(), $status, $what);
    is(snapshot('Deals/3'), undef, 'leaves no snapshot');
    crm_fail();
}

gone('a write that the CRM refuses', '403 PUT', sub {
    crm_fail(fault => 'status', status => 403, method => 'PUT', times => 1);
    return put('Deals/3', '"Note":"x"');
});
gone('an action', '200 POST', sub { return asked(POST => 'Deals/3/actions/add_tags', body => '{"tags":[{"name":"x"}]}') =~ s/GET,//r });
gone('a write through a location of another source', '200 GET,PUT', sub {
    my $other = an_nginx('other', 'crm_record_source backend;');
    my $r = put('Deals/3', '"Note":"x"', port => $other->{port});
    $other->stop;
    return $r;
});
gone('a write whose lease is lost', '200', sub {
    crm_freeze();

    my $c = begin_write(PUT => 'Deals/3', '{"data":[{"Note":"late"}]}');
    my $event;

    wait_for { ($event) = intents(); $event && intent_state($event) eq 'prepared' } 'its intent';
    redis('DEL', 'crm:{acme}:busy:Deals/3');
    redis('SET', 'crm:{acme}:snapshot:Deals/3', 'of another');
    crm_thaw();

    return answer_of($c) =~ /^HTTP\S+ (\d+)/ ? $1 : '';
});

known('Deals/4', '{"Stage":"Open"}');
crm_fail(fault => 'reset', commit => 1, method => 'PUT', times => 1);
is(put('Deals/4', '"Stage":"Closed Won"'), '502 PUT', 'a write that nobody tells the outcome of');
is(snapshot('Deals/4'), undef, 'leaves none');
worker_start('--backend', 'http://127.0.0.1:' . crm_port() . '/crm/v8');
wait_for { !intents() } 'recovery', 30;
is(worker_stop(), 0, 'when it is settled');
is(snapshot('Deals/4'), undef, 'there is none either');
is(put('Deals/4', '"Stage":"Open"'), '400 RECORD_LOCKED GET', 'the CRM is asked, and the lock holds');

# --- what no rule minds, but changes records

known('Leads/5', '{"City":"Bern"}');
is(asked(POST => 'Leads/5/actions/add_tags', body => '{"tags":[{"name":"x"}]}'), '200 GET,POST', 'an action');
is(snapshot('Leads/5'), undef, 'leaves no snapshot, though no rule stands before it');
is(asked(POST => 'Leads/actions/mass_change_owner', body => '{"cvid":"9"}'), '404 ', 'one that does not name its records is refused');
like(asked(POST => 'Contacts/actions/mass_change_owner', body => '{"cvid":"9"}'), qr/ POST$/, 'not of a module without rules');


# --- two hosts: one passes, one is refused

my $rounds = 100;

known("Deals/$_", '{"Stage":"Open"}') for 1001 .. 1000 + $rounds;

my ($one, $two) = in_parallel(2, sub {
    my ($i) = @_;

    return [ map {
        redis('RPUSH', "meet:$_:" . (1 - $i), 'here');
        redis('BLPOP', "meet:$_:$i", 10) or die "alone\n";
        http(PUT => "/crm/v8/Deals/$_", port => ($left, $right)[$i]{port},
             body => "{\"data\":[{\"Stage\":\"Closed Won\",\"By\":\"$i\"}]}")->{status}
    } 1001 .. 1000 + $rounds ];
});

is(scalar(grep { join(' ', sort $one->[$_], $two->[$_]) eq '200 400' } 0 .. $rounds - 1), $rounds,
   "of two that lock a record at once one passes, $rounds times of $rounds");


# --- another Redis

known('Deals/5', '{"Stage":"Open"}');
redis('SET', 'crm:{acme}:epoch', 'B' x 26);
wait_for { put('Deals/5', '"Note":"x"') =~ /^503 $/ } 'another epoch';
pass('a Redis of another epoch closes, whatever it holds');
is(crmctl('doctor', '--accept-epoch')->{rc}, 0, 'until it is accepted');
wait_for { put('Deals/5', '"Note":"x"') eq '200 GET,PUT' } 'it to open';
is(put('Deals/5', '"Note":"y"'), '200 PUT', 'its snapshots begin anew');

is($_->stop, undef, "$_->{name} has ended well") for $left, $right;

done_testing();
