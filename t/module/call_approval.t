# Decisions on a record that waits, by the vendor's path. Fails when somebody
# decides who is not asked, when a decision counts that is none any more, when
# the state moves though the answer is a refusal, when a step's actions are
# lost.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::More;
use Test::CRM;
use Test::CRM::Jobs qw(key);

redis_start();
crm_start();

crm_rules(<<'EOT');
kind: profile
name: Standard
---
kind: user
id: "1"
name: Sal
profile: Standard
---
kind: user
id: "2"
name: Meg
profile: Standard
---
kind: user
id: "3"
name: Bo
profile: Standard
---
kind: webhook
name: hook
module: Deals
url: https://h.example.test/
---
kind: approval_process
name: Large discount
module: Deals
execute_when: create_or_edit
rules:
  - criteria: { field: Discount, comparator: greater_than, value: 20 }
    approvers: [ { type: user, id: "2" }, { type: user, id: "3" } ]
    approval_mode: sequential
    on_approve: [ { type: webhooks, name: hook } ]
    on_reject: [ { type: webhooks, name: hook } ]
EOT

nginx_start();

sub as { return (headers => ['Content-Type' => 'application/json', 'X-CRM-User' => $_[0]]) }

my $r = http('POST', '/crm/v8/Deals', body => '{"data":[{"Discount":30}]}', as(1));
my $id = json_decode($r->{body})->{data}[0]{details}{id};

sub kept { redis('HGET', key("record:Deals/$id"), 'approval') }

# user, body, status, code, actions that wait then
sub decides {
    my ($user, $body, $status, $code, $jobs, $name) = @_;
    my $was = kept();
    my $r = http('POST', "/crm/v8/Deals/$id/actions/approvals", body => $body, as($user));

    is($r->{status}, $status, $name);
    is(json_decode($r->{body})->{code}, $code, "$name: $code");
    is(kept(), $was, "$name: the state is as it was") if $code ne 'SUCCESS';
    is(redis('LLEN', key('queue:webhooks')), $jobs, "$name: its actions");
}

decides(1, '{"action":"approve"}', 403, 'NO_PERMISSION', 0, 'somebody who is not asked');
decides('', '{"action":"approve"}', 403, 'NO_PERMISSION', 0, 'nobody');
decides(3, '{"action":"approve"}', 403, 'NO_PERMISSION', 0, 'an approver of another level');
decides(2, '{"action":"nod"}', 400, 'INVALID_DATA', 0, 'a decision that is none');
decides(2, '{}', 400, 'MANDATORY_NOT_FOUND', 0, 'no decision');
decides(2, '{"action":"delegate"}', 400, 'MANDATORY_NOT_FOUND', 0, 'given to nobody');
decides(2, '{"action":"delegate","user":"77"}', 400, 'INVALID_DATA', 0,
        'given to one who does not exist');
decides(2, '{"action":"resubmit"}', 400, 'RECORD_NOT_IN_PROCESS', 0, 'what waits is not submitted again');

decides(2, '{"action":"approve"}', 200, 'SUCCESS', 0, 'the first level');
decides(2, '{"action":"approve"}', 403, 'NO_PERMISSION', 0, 'the first level, again');
decides(3, '{"action":"reject","comments":"no"}', 200, 'SUCCESS', 1, 'the second level');
decides(3, '{"action":"approve"}', 400, 'RECORD_NOT_IN_PROCESS', 1, 'what is rejected');
is(redis('ZCARD', key('approvals')), 0, 'which waits no more');
is(http('PUT', "/crm/v8/Deals/$id", body => '{"data":[{"Discount":1}]}', as(1))->{status}, 400,
   'and is not changed');

decides(1, '{"action":"resubmit"}', 200, 'SUCCESS', 1, 'who submitted it, again');
is(redis('ZCARD', key('approvals')), 1, 'it waits anew');
is(json_decode(kept())->{level}, 1, 'from the first level on');
decides(2, '{"action":"delegate","user":"1"}', 200, 'SUCCESS', 1, 'given to another');
decides(2, '{"action":"approve"}', 403, 'NO_PERMISSION', 1, 'who gave it away');
decides(1, '{"action":"approve"}', 200, 'SUCCESS', 1, 'to whom it was given');

# Conditions are the backend's to judge, and nginx would compare them with an answer that is no resource: what is decided
# would be told as 412.

sub under {
    my ($condition, $value, $method, $body) = @_;
    my %with = as(3);

    return http($method, "/crm/v8/Deals/$id/actions/approvals", body => $body,
                headers => [ @{ $with{headers} }, $condition, $value ]);
}

is(under(@$_, 'GET')->{status}, 200, "who asks under $_->[0]")
    for ['If-Match', '"x"'], ['If-Unmodified-Since', 'Thu, 01 Jan 2026 00:00:00 GMT'], ['If-None-Match', '*'];
is(json_decode(under('If-Match', '"x"', 'POST', '{"action":"approve"}')->{body})->{code}, 'SUCCESS',
   'the last level, under If-Match');
is(redis('LLEN', key('queue:webhooks')), 2, 'and its actions');
is(json_decode(kept())->{state}, 'approved', 'then it is approved');

is(http('PUT', "/crm/v8/Deals/$id", body => '{"data":[{"Discount":25}]}', as(1))->{status}, 200,
   'and may be changed');
is(json_decode(kept())->{state}, 'waiting', 'for which it waits again');

my @both = in_parallel(2, sub {
    http('POST', "/crm/v8/Deals/$id/actions/approvals", body => '{"action":"approve"}', as(2))->{status} });
is_deeply([ sort @both ], [200, 403], 'two decisions at one instant: one counts');
is(json_decode(kept())->{level}, 2, 'and one level is done');

decides(1, '{"action":"recall"}', 200, 'SUCCESS', 2, 'who submitted it, back');
is(kept(), undef, 'then nothing is kept');
ok(all_ended(), 'no intent is left');
is(redis('ZCARD', key('approvals')), 0, 'and nothing waits');

done_testing();
