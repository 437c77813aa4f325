# crmctl eval: the decision that nginx would make, without a server, explained.
# Were it broken, rules could only be tried on live records.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::More;
use Test::CRM;

my $dir = top_dir() . '/t/data/rules/good/sales';
my $ann = '4150868000000225013';
my $n = 0;


# --- a create -----------------------------------------------------------------------

my $lead = file('{"Company":"A","Annual_Revenue":20.50,"Big":1234567890123456789012}');

{
    my $r = run('--module', 'Leads', '--record', $lead);

    is($r->{rc}, 0, 'a create is judged') or diag $r->{err};
    like($r->{out}, qr/^create Leads by nobody known\nallowed\n/, 'and allowed');
    like($r->{out}, qr/^  fired      Hot lead: condition 1$/m, 'the rule that fires');
    like($r->{out}, qr/^ +Annual_Revenue 20\.50 greater_equal 19\.99: true$/m,
         'with what was compared');
    like($r->{out}, qr/^  not fired  Rating moved: trigger_mismatch$/m,
         'and the one that does not, with its reason');
    like($r->{out}, qr/^  Rating: \(empty\) becomes "Hot", by Hot lead$/m,
         'what changes');
    like($r->{out}, qr{^  webhooks tell-erp POST https://erp\.example\.test/hooks/leads, by Hot lead$}m,
         'what would run');
    like($r->{out}, qr/^  \{"Company":"A","Annual_Revenue":20\.50,"Big":1234567890123456789012,"Rating":"Hot"\}$/m,
         'and what the backend gets, digit for digit');
}

{
    my $j = json('--module', 'Leads', '--record', $lead, '--user', $ann,
                 '--now', '2026-03-27T16:30:00+01:00');

    is($j->{ts}, '2026-03-27T15:30:00.000Z', 'as JSON: the time that was given');
    is($j->{decision}, 'allowed', 'the decision');
    is($j->{op}, 'create', 'the operation');
    is_deeply($j->{actor}{user}, $ann, 'the user');
    is($j->{actor}{profile}, 'Standard', 'and the profile');
    is_deeply([ map { [ $_->{rule_id}, $_->{reason} ] } @{ $j->{rules} } ],
              [ [ 'Hot lead', undef ], [ 'Rating moved', 'trigger_mismatch' ] ],
              'every rule, with its reason');
    is($j->{rules}[0]{chosen}, 1, 'the condition');
    is($j->{record}{Rating}, 'Hot', 'the record after the write');
    is_deeply([ map { $_->{action}{name} } @{ $j->{jobs} } ], ['tell-erp'],
              'the jobs');
    like($j->{jobs}[0]{action}{body}, qr/"rating":"Hot"/,
         'rendered from the record after the write');
}


# --- an update ------------------------------------------------------------------------

{
    my $before = file('{"id":"7","Company":"A","Rating":"Cold"}');
    my $after = file('{"Rating":"Warm"}');
    my $j = json('--module', 'Leads', '--record', $after, '--before', $before);

    is($j->{op}, 'update', 'with --before it is an update');
    is($j->{record_id}, '7', 'of the record that the file holds');
    is_deeply([ map { $_->{rule} } @{ $j->{jobs} } ], ['Rating moved'],
              'the changed field starts its rule');
    is_deeply($j->{record}, { id => '7', Company => 'A', Rating => 'Warm' },
              'the rest of the record stays');

    $j = json('--module', 'Leads', '--record', $before, '--before', $before);
    is($j->{rules}[1]{reason}, 'field_not_changed', 'a field with the same value does not');
}

{
    my $before = file('{"id":"7","Stage":"Closed Won"}');
    my @args = ('--module', 'Deals', '--before', $before);
    my $r = run(@args, '--record', file('{"Amount":5}'), '--user', $ann);

    is($r->{rc}, 0, 'a refusal is an answer, not a failure');
    like($r->{out}, qr{^update Deals/7 by $ann \(profile Standard, role Sales Rep\)\nrefused by lock "closed": },
         'that names who, what and why');
    is(json(@args, '--record', file('{"Amount":5}'))->{decision}, 'refused',
       'as JSON');
    is(json(@args, '--record', file('{"Description":"x"}'))->{decision}, 'allowed',
       'an excluded field alone passes');

    my $j = json(@args, '--operation', 'delete');

    is($j->{decision}, 'refused', 'a delete is judged, too');
    is($j->{gates}[0]{rule_id}, 'closed', 'by the same lock');
}


# --- what is wrong --------------------------------------------------------------------

usage('--module NAME is missing', '--record', $lead);
usage('--record FILE is missing', '--module', 'Leads');
usage('--before FILE is missing', '--module', 'Leads', '--record', $lead,
      '--operation', 'update');
usage('a create has no stored record', '--module', 'Leads', '--record', $lead,
      '--before', $lead, '--operation', 'create');
usage('a delete sends no record', '--module', 'Leads', '--record', $lead,
      '--before', $lead, '--operation', 'delete');
usage('--operation takes create, update or delete, not "updat": did you mean update?',
      '--module', 'Leads', '--operation', 'updat');
usage('--now takes a time', '--module', 'Leads', '--record', $lead, '--now', $_)
    for 'noon', '2026-02-30T00:00:00Z', '2026-03-27T16:30:00', '2026-13-01T00:00Z',
        '2026-03-27T25:00:00Z', '2026-03-27T16:30:00+25:00',
        '2026-03-27T16:30:00Zx';

fails(qr/no rule of this folder concerns module "Lead": did you mean "Leads"\?/,
      '--module', 'Lead', '--record', $lead);
fails(qr{^crmctl: /nowhere: cannot be read}, '--module', 'Leads', '--record', '/nowhere');
fails(qr/^crmctl: \S+: byte \d+: /, '--module', 'Leads', '--record', file('{"A":'));
fails(qr/^crmctl: \S+: /, '--module', 'Leads', '--record', file('[1]'));
fails(qr/^crmctl: \S+: byte \d+: /, '--module', 'Leads', '--record', file('{"A":1,"\u0041":2}'));
fails(qr/^crmctl: \S+: /, '--module', 'Leads', '--record', file(''));
fails(qr/^crmctl: \S+: has \d+ bytes/, '--module', 'Leads', '--record',
      file('{"A":"' . 'a' x 1100000 . '"}'));

{
    my $bad = top_dir() . '/t/data/rules/bad/many_mistakes';
    my $r = crmctl('eval', $bad, '--module', 'Leads', '--record', $lead);

    is($r->{rc}, 1, 'with rules that have errors nothing is judged');
    like($r->{err}, qr/the rules have errors: nothing was judged/, 'it says so');
}

{
    my $aging = work_dir() . '/aging';

    mkdir $aging;
    spew("$aging/rules.yaml", <<'EOR');
kind: escalation_rule
name: Urgent
module: Cases
entries:
  - { criteria: { field: S, comparator: equal, value: Open }, levels: [ { after: { unit: 4, period: hours }, to: { type: owner } } ] }
EOR

    my $told = sub {
        my $r = crmctl('eval', $aging, '--module', 'Cases', '--now', '2026-11-22T00:00:00Z', '--record', file($_[0]));

        return $r->{out} =~ /^timers\n(  .*\n)/m ? $1 : $r->{out};
    };

    is($told->('{"S":"Open","Created_Time":"2026-11-21T23:00:00Z"}'), "  2026-11-22T03:00:00.000Z  escalations, by Urgent\n",
       'it tells until when a record waits');
    is($told->('{"S":"Open","Created_Time":"soon"}'), "  none, no_date  escalations, by Urgent\n", 'or why it does not');
    unlike($told->('{"S":"Shut","Created_Time":"2026-11-21T23:00:00Z"}'), qr/timers/, 'and nothing where nothing waits');
}

# What the backend sets anew at each update is not told as it was before.
{
    my $who = work_dir() . '/who';

    mkdir $who;
    spew("$who/rules.yaml", <<'EOR');
kind: workflow_rule
name: told
module: Leads
execute_when: { type: edit }
conditions:
  - criteria: null
    instant_actions:
      - { type: webhooks, name: who }
      - { type: field_updates, field: By, value: { field: Modified_By }, mode: async }
---
kind: webhook
name: who
module: Leads
url: https://hooks.example.test/who
http_method: POST
body: { type: raw, format: Text, content: '<${!Leads.Modified_By}> was <${OLD!Leads.Modified_By}>' }
EOR
    spew("$who/my.test.yaml", <<'EOT');
tests:
  - name: who changed it the CRM tells
    given: { module: Leads, record: { id: "1", x: 0, Modified_By: Ann } }
    when:  { operation: update, set: { x: 1 } }
    expect: { actions: [ { type: webhooks, body: "<> was <Ann>" }, { type: field_updates, field: By, value: null } ] }
EOT

    my $j = json_decode(crmctl('eval', $who, '--module', 'Leads', '--record', file('{"x":1}'), '--before',
                               file('{"id":"1","x":0,"Modified_By":"Ann"}'), '-o', 'json')->{out});

    is($j->{jobs}[0]{action}{body}, '<> was <Ann>', 'who changed a record is not known here');
    is_deeply($j->{jobs}[0]{late}, ['Modified_By'], 'and told to be so');
    is_deeply($j->{jobs}[1]{action}{fields}, { By => undef }, 'a copied value neither');

    my $t = crmctl('test', $who);

    like($t->{out}, qr/^1 passed, 0 failed$/m, 'a test sees the same') or diag "$t->{out}$t->{err}";
}

done_testing();


sub file { return spew(work_dir() . '/record' . ++$n . '.json', $_[0]) }


sub run {
    my (@args) = @_;

    return crmctl('eval', $dir, @args);
}


sub json {
    my (@args) = @_;
    my $r = run(@args, '-o', 'json');

    die "eval @args: $r->{err}" if $r->{rc};

    return json_decode($r->{out});
}


sub usage {
    my ($why, @args) = @_;
    my $r = run(@args);

    subtest "eval @args" => sub {
        is($r->{rc}, 64, 'exits 64');
        like($r->{err}, qr/^crmctl: (?:eval: )?\Q$why\E/, 'says what is wrong');
    };
}


sub fails {
    my ($why, @args) = @_;
    my $r = run(@args);

    subtest "eval @args fails" => sub {
        is($r->{rc}, 1, 'exits 1');
        is($r->{out}, '', 'prints nothing on stdout');
        like($r->{err}, $why, 'says what is wrong');
    };
}
