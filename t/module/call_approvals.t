# What waits for an approval, as people list it and decide it: by the vendor's
# path, by crm_api, by crmctl. Fails when somebody sees what is none of his, when
# a record is listed that does not wait or is missed, when a page ends in the
# middle, when a decision by crm_api is another than one by the vendor's path.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::More;
use Test::CRM;
use Test::CRM::Jobs qw(key);

redis_start();
crm_start();

my $people = join '', map { <<"EOT" } ([1, 'Sal'], [2, 'Meg'], [3, 'Bo'], [4, 'Dee'], [5, 'Pat'], [9, 'Ada']);
kind: user
id: "$_->[0]"
name: $_->[1]
profile: @{[ $_->[0] == 9 ? 'Administrator' : 'Standard' ]}
---
EOT

my $rules = $people . <<'EOT';
kind: profile
name: Standard
---
kind: profile
name: Administrator
---
kind: approval_process
name: Large discount
module: Deals
execute_when: create_or_edit
administrators: ["5"]
rules:
  - criteria: { field: Discount, comparator: greater_than, value: 20 }
    approvers: [ { type: user, id: "2" }, { type: user, id: "3" } ]
    approval_mode: sequential
---
kind: approval_process
name: Hot lead
module: Leads
execute_when: create_or_edit
rules:
  - criteria: { field: Hot, comparator: equal, value: "yes" }
    approvers: [ { type: user, id: "2" }, { type: user, id: "4" } ]
    approval_mode: everyone
EOT

crm_rules($rules);

my %token = map { $_ => "0123456789abcdef-$_" } 1, 2, 3, 4, 5, 9;
my $tokens = work_dir() . '/tokens';

spew($tokens, join '', map { "t$_:$token{$_}:$_\n" } sort keys %token);
chmod 0600, $tokens;

nginx_start(server => crm_server_config() . "location /crm_api/ { crm_api write=on guarded=/crm/v8;"
                      . " crm_api_token_file $tokens; }"
                      . " location /open_api/ { crm_api write=on guarded=/crm/v8 auth=none; }");

sub made {
    my ($module, $record, $user) = @_;
    my $r = http('POST', "/crm/v8/$module", body => "{\"data\":[$record]}", headers => ['X-CRM-User', $user]);
    return json_decode($r->{body})->{data}[0]{details}{id};
}

sub api {
    my ($user, $path, $body) = @_;
    return http($body ? 'POST' : 'GET', "/crm_api/$path", $body ? (body => $body) : (),
                headers => ['Authorization', "Bearer $token{$user}",
                            $body ? ('Content-Type' => 'application/json') : ()]);
}

sub listed { my ($user, $query) = @_;
             my $r = api($user, 'approvals' . ($query || ''));
             return join ' ', sort map { "$_->{module}/$_->{id}" } @{ json_decode($r->{body})->{data} } }

sub vendor { return http('GET', "/crm/v8/actions/approvals" . ($_[1] || ''), headers => ['X-CRM-User', $_[0]]) }


# --- nothing waits ------------------------------------------------------------------

is(api(2, 'approvals')->{body}, '{"data":[],"next":null}', 'nothing waits yet');
is(vendor(2)->{status}, 204, 'of which the vendor has no list');


# --- whose it is --------------------------------------------------------------------

my $deal = made('Deals', '{"Discount":30,"Owner":{"id":"4"}}', 1);
my $lead = made('Leads', '{"Hot":"yes"}', 3);

is(listed(2), join(' ', "Deals/$deal", "Leads/$lead"), 'an approver sees what he decides');
is(listed(2, '?mine=1'), join(' ', "Deals/$deal", "Leads/$lead"), 'now: all of it');
is(listed(2, '?mine=0'), '', 'and nothing that others do');
is(listed(3, '?mine=1'), '', 'one of a later level decides nothing yet');
is(listed(3), join(' ', "Deals/$deal", "Leads/$lead"), 'but sees it coming, and what he submitted');
is(listed(1), "Deals/$deal", 'who submitted sees his own');
is(listed(4, '?mine=0'), "Deals/$deal", 'and who owns it');
is(listed(5), "Deals/$deal", 'who administers the process, those of the process');
is(listed(9, '?mine=0'), join(' ', "Deals/$deal", "Leads/$lead"), 'the profile Administrator all');

my ($item) = grep { $_->{module} eq 'Deals' } @{ json_decode(api(2, 'approvals')->{body})->{data} };
like(delete $item->{at}, qr/^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00$/, 'since when');
is_deeply($item, { module => 'Deals', id => $deal, process => 'Large discount', level => 1,
                   approvers => ['2'], submitted_by => '1' }, 'an item of our list');

my $r = vendor(2);
is($r->{status}, 200, 'the vendor\'s list');
my ($theirs) = grep { $_->{module} eq 'Deals' } @{ json_decode($r->{body})->{data} };
like(delete $theirs->{initiated_time}, qr/^20\d\d-/, 'tells since when');
like(delete $theirs->{id}, qr/^[0-9A-Z]{26}$/, 'has an id');
is_deeply($theirs, { type => 'approval', module => 'Deals', entity => { id => $deal, name => undef },
                     rule => { id => '1', name => 'Large discount' }, owner => { id => '4', name => 'Dee' },
                     waiting_for => { id => '2', name => 'Meg' } }, 'an item of it');
is_deeply(json_decode($r->{body})->{info}, { count => 2, more_records => json_decode('[false]')->[0],
                                             next_page_token => undef }, 'and how many');
is(vendor(3)->{status}, 204, 'who is not asked, has none');
is(scalar @{ json_decode(vendor(9, '?type=others_awaiting')->{body})->{data} }, 2, 'others\' are an administrator\'s');

is(http('GET', '/open_api/approvals', headers => ['X-CRM-User', 2])->{status}, 200, 'crm_user says who asks');
is(http('GET', '/open_api/approvals')->{status}, 403, 'nobody asks');
is(vendor('')->{status}, 403, 'nobody, of the vendor');
is(http('GET', '/crm_api/approvals')->{status}, 401, 'nobody without a token');
is(api(2, 'approvals?mine=2')->{status}, 400, 'whose it is, is mine=1 or mine=0');
is(api(2, 'approvals?cursor=x')->{status}, 400, 'a cursor that is none');
is(api(2, 'approvals/')->{status}, 404, 'no list');
is(api(2, 'approvals', '{}')->{status}, 405, 'a list is not written');
is(api(2, 'locks')->{status}, 404, 'and nothing else is listed');


# --- decided by crm_api ---------------------------------------------------------------

sub decides { my ($user, $body, $record) = @_;
              my $r = api($user, 'approvals/' . ($record || "Deals/$deal"), $body);
              return [ $r->{status}, json_decode($r->{body}) ] }

is(decides(1, '{"action":"approve"}')->[0], 403, 'who is not asked');
is(decides(3, '{"action":"approve"}')->[1]{code}, 'NO_PERMISSION', 'nor yet');
my $done = decides(2, '{"action":"approve","comments":"fine"}');
is($done->[0], 200, 'who is asked');
is($done->[1]{level}, 2, 'leads to the next level');
is_deeply($done->[1]{approvers}, ['3'], 'where another is asked');
is_deeply([ map { $_->{action} } @{ $done->[1]{history} } ], [qw(submitted approved)], 'with what was done');
is($done->[1]{history}[1]{comments}, 'fine', 'and said');
is(listed(2, '?mine=1'), "Leads/$lead", 'who has decided, is asked no more');
is(listed(3, '?mine=1'), "Deals/$deal", 'who is asked now, is');
is(decides(3, '{"action":"reject"}')->[1]{state}, 'rejected', 'and refuses');
is(decides(3, '{"action":"approve"}')->[0], 409, 'once');
is(listed(9), "Leads/$lead", 'what is decided waits no more');
is(decides(9, '{"action":"approve"}', 'Leads/77')->[0], 404, 'a record that is none');
is(decides(1, '{"action":"approve"}', 'Contacts/1')->[0], 404, 'a module without approvals');

# Deleted past this nginx, it would be listed for ever.
{
    my $gone = made('Deals', '{"Discount":30}', 1);
    my $there = json_decode('[' . crm_record('Deals', $gone) . ']')->[0];

    is($there->{Discount}, 30, 'one that waits');
    run_command([ 'curl', '-sS', '-X', 'DELETE', 'http://127.0.0.1:' . crm_port() . "/crm/v8/Deals/$gone" ]);
    is(listed(1), "Deals/$gone", 'is deleted in the CRM');
    is(decides(2, '{"action":"approve"}', "Deals/$gone")->[0], 404, 'nobody agrees to what is gone');
    is(decides(3, '{"action":"recall"}', "Deals/$gone")->[0], 403, 'who has nothing to do with it');
    is_deeply(decides(1, '{"action":"recall"}', "Deals/$gone"),
              [ 200, { module => 'Deals', id => $gone, state => undef } ], 'who has submitted it takes it back');
    is(listed(1), '', 'and it is listed no more');
    is(redis('HGET', key("record:Deals/$gone"), 'approval'), undef, 'nor kept');
    is(decides(1, '{"action":"recall"}', "Deals/$gone")->[0], 404, 'once');
}

is(decides(2, '{"action":"approve"}', "Leads/$lead")->[1]{level}, 1, 'of everyone, one');
is(listed(2, '?mine=1'), '', 'who has agreed is asked no more');
is(listed(4, '?mine=1'), "Leads/$lead", 'the other one is');


# --- by crmctl -------------------------------------------------------------------------

my $file = work_dir() . '/token';
spew($file, "$token{4}\n");
my @dee = ('--server', 'http://127.0.0.1:' . nginx_port(), '--token-file', $file);

like(crmctl('approvals', 'ls')->{out}, qr/Leads\/\Q$lead\E\s+Hot lead\s+1\s+2, 4\s+3\s+20/, 'the operator sees all');
like(crmctl('approvals', 'ls', @dee)->{out}, qr/Leads\/\Q$lead\E\s+Hot lead\s+1\s+2, 4\s+3\s+20/, 'a person his own');
is(crmctl('approvals', 'reject', "Deals/$deal", @dee)->{rc}, 1, 'and decides that alone');
my $ctl = crmctl('approvals', 'approve', "Leads/$lead", '--comments', 'so be it', @dee);
is($ctl->{out}, "Leads/$lead: approved\n", 'which is done');
is(json_decode(redis('HGET', key("record:Leads/$lead"), 'approval'))->{state}, 'approved', 'and stands');
is(crmctl('approvals', 'ls')->{out}, "nothing waits for an approval\n", 'nothing is left');


# --- many ------------------------------------------------------------------------------

my $state = redis('HGET', key("record:Deals/$deal"), 'approval');
$state =~ s/"state":"rejected"/"state":"waiting"/ or die;
$state =~ s/"decided":\d+/"decided":0/ or die;

# 450 of them, many at the same time; two that are nobody's business any more
for my $i (1 .. 450) {
    redis('HSET', key("record:Deals/$i"), 'approval', $state);
    redis('ZADD', key('approvals'), 1800000000000 + int($i / 300), "Deals/$i");
}
redis('ZADD', key('approvals'), 1, 'Deals/gone');
redis('ZADD', key('approvals'), 2, 'Cases/5');
redis('HSET', key('record:Cases/5'), 'approval', $state);
redis('HSET', key('record:Deals/7'), 'approval', '{"state":');

my (%seen, $pages, $next);
do {
    my $page = json_decode(api(9, 'approvals' . ($next ? "?cursor=$next" : ''))->{body});
    $seen{ $_->{id} }++ for @{ $page->{data} };
    $next = $page->{next};
    $pages++;

    # those that go meanwhile take nobody with them
    redis('ZREM', key('approvals'), "Deals/$1") if $pages == 1 && $next =~ /\.(\d+)$/;
} while ($next && $pages < 10);

ok($pages > 2 && $pages < 6, 'page by page');
is(scalar(keys %seen), 449, 'all are listed, but what cannot be read');
is(scalar(grep { $_ > 1 } values %seen), 0, 'each once');

is(scalar(split /\n/, crmctl('approvals', 'ls')->{out}), 450, 'crmctl turns the pages');

redis_stop();
is(api(9, 'approvals')->{status}, 503, 'without Redis nobody knows');

done_testing();
