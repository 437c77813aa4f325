#!/usr/bin/perl
#
# make demo: the story of a lead and a deal, told with real requests against a
# real nginx, Redis, crm-worker, a small CRM, a webhook receiver and a mail
# relay. All of it
# lives in one folder below build/demo and on loopback ports, needs no rights,
# and is gone at the end. KEEP=1 leaves it running until Ctrl-C.

use strict;
use warnings;

use Cwd ();
use File::Basename qw(dirname);
use POSIX qw(strftime);

BEGIN { $ENV{CRM_WORK_DIR} ||= Cwd::abs_path(dirname(__FILE__) . "/../..") . "/build/demo" }

use lib dirname(__FILE__) . '/../lib';
use Test::CRM;
use Test::CRM::Mail;
use Test::CRM::Chain;
use Test::CRM::Story;

my $secret = 'whsec_ZGVtbyBzZWNyZXQsIDI0IGJ5dGVzIGxvbmcu';
my $ann = '4150868000000225013';
my $rules = work_dir() . '/rules';

$| = 1;

start();
a_lead_arrives();
my $deal = a_deal_closes();
the_closed_deal_refuses($deal);
a_case_waits_too_long();
what_next($deal);


sub start {
    chapter('Starting Redis, a small CRM, a webhook receiver, a mail relay, nginx, crm-worker');

    redis_start();
    crm_start();
    receiver_start();
    relay_start();
    copy_rules();

    my $r = crmctl('apply', $rules, '--managed-by', 'demo',
                   '--message', 'the demo rules');

    die "crmctl apply failed:\n$r->{out}$r->{err}" if $r->{rc};

    my $key = chain_key_file();

    nginx_start(extra => "crm_chain_key_file $key;");
    worker_start({ DEMO_WEBHOOK_SECRET => $secret },
                 '--secret-env', 'DEMO_WEBHOOK_SECRET', '--chain-key-file', $key,
                 '--smtp', relay_url(), '--smtp-tls', 'none',
                 '--backend', guarded_url());

    say_line('nginx      http://127.0.0.1:' . nginx_port() . '/crm/v8');
    say_line('the CRM    http://127.0.0.1:' . crm_port() . '  (behind nginx)');
    say_line('receiver   ' . receiver_url());
    say_line('mail relay ' . relay_url());
    say_line('rules      t/demo/rules: ' . first_line($r->{out} || $r->{err}));
}


# The receiver's port is picked at start, so the rules are copied with it.

sub copy_rules {
    my $at = '127.0.0.1:' . receiver_port();

    for my $f (glob top_dir() . '/t/demo/rules/*') {
        my $text = slurp($f);

        $text =~ s/127\.0\.0\.1:8099/$at/g;
        spew("$rules/" . ($f =~ s{.*/}{}r), $text);
    }
}


sub a_lead_arrives {
    chapter('1. A lead arrives, and is improved in flight');

    my $r = request($ann, POST => '/crm/v8/Leads', '{"data":[{"Last_Name":"Lovelace",'
        . '"Company":"Analytical Engines","Annual_Revenue":1250000.50}]}');

    expect($r->{status} == 201, 'the CRM stored the lead');

    my ($seen) = crm_writes();

    expect(defined $seen, 'the CRM saw the write');
    say_line("the CRM received, with the field that a rule set, an owner and a score:");
    say_line("    $seen->{body}");
    expect($seen->{body} =~ /"Rating"\s*:\s*"Hot"/, 'the lead became hot');
    expect($seen->{body} =~ /1250000\.50/, 'the amount kept its digits');
    expect($seen->{body} =~ /"Score"\s*:\s*65\b/, 'big 50, hot 20, no address -5: it is worth 65');
    say_line('    50 points for its size, 20 since it is hot, 5 less without an address');

    webhook('/hooks/leads');

    say_line('');
    say_line('two sales representatives take turns, and the next lead is the other one\'s:');
    request($ann, POST => '/crm/v8/Leads', '{"data":[{"Last_Name":"Babbage","Company":"Engines"}]}');

    my @owners = map { $_->{body} =~ /"Owner":\{"id":"(\d+)"\}/ ? $1 : 'nobody' } crm_writes();

    say_line('    Lovelace: ' . $owners[0] . ', Babbage: ' . $owners[1]);
    expect("@owners" eq "$ann 4150868000000225014", 'the reps take turns');
}


sub a_deal_closes {
    chapter('2. A deal closes, and others hear of it');

    my $r = request($ann, POST => '/crm/v8/Deals', '{"data":[{"Deal_Name":"Engine no. 2",'
        . '"Stage":"Negotiation","Amount":17500.00}]}');

    my $id = json_id($r);

    expect(defined $id, 'the CRM stored the deal');

    $r = request($ann, PUT => "/crm/v8/Deals/$id", '{"data":[{"Stage":"Closed Won"}]}');
    expect($r->{status} == 200, 'the deal is won');

    webhook('/hooks/deals');
    mail();

    my $task = wait_for { (grep { $_->{target} eq '/crm/v8/Tasks' } crm_writes())[0] }
               'the task of the deal', 15;

    say_line('');
    say_line('somebody gets a task, which the worker writes through nginx:');
    say_line("    $task->{body}");
    expect($task->{body} =~ /"What_Id":\{"id":"\Q$id\E"\}/, 'it is linked to the deal');

    return $id;
}


sub the_closed_deal_refuses {
    my ($id) = @_;

    chapter('3. The closed deal refuses an edit, and says why');

    my $before = scalar crm_writes();
    my $r = request($ann, PUT => "/crm/v8/Deals/$id", '{"data":[{"Amount":1}]}');

    expect($r->{status} == 400, 'the edit is refused');
    expect($r->{body} =~ /RECORD_LOCKED/, 'it says that the record is locked');
    expect(crm_writes() == $before, 'the CRM never saw it');
    say_line('the CRM never saw this request.');

    say_line('');
    say_line('The field Description is excluded from the lock:');
    $r = request($ann, PUT => "/crm/v8/Deals/$id",
                 '{"data":[{"Description":"paid in guineas"}]}');
    expect($r->{status} == 200, 'the excluded field passes');
}


sub a_case_waits_too_long {
    chapter('4. A case waits too long, and goes to the manager');

    my $id = '4150868000000900001';
    my $bo = '4150868000000225014';
    my $mia = '4150868000000225020';
    my $opened = strftime('%Y-%m-%dT%H:%M:%SZ', gmtime(time - 5 * 3600));

    crm_seed('Cases', $id, qq({"Subject":"Smoke","Status":"Open","Created_Time":"$opened","Owner":{"id":"$bo"}}));
    say_line('Bo got this case five hours ago, and an open one may wait for four. It came past nginx,');
    say_line('so that its first write through it is what starts its time:');

    my $r = request($ann, PUT => "/crm/v8/Cases/$id", '{"data":[{"Description":"and it gets worse"}]}');

    expect($r->{status} == 200, 'somebody writes to the case');
    webhook('/hooks/cases');

    wait_for { crm_record('Cases', $id) =~ /"Owner":\{"id":"$mia"/ } 'the new owner', 15;

    my ($mail) = wait_for { (grep { $_->{to}[0] =~ /^mia/ } mails())[0] } 'her mail', 15;

    say_line('');
    say_line("it is Mia's now, Bo's manager, who got a mail: \"$mail->{headers}{subject}\"");
}


sub what_next {
    my ($deal) = @_;

    my $base = 'http://127.0.0.1:' . nginx_port();
    my $top = top_dir();
    my @more = (
        'edit a rule in t/demo/rules and run make demo again',
        'build/crmctl validate t/demo/rules',
        'build/crmctl eval t/demo/rules --module Deals --operation update'
            . ' --before stored.json --record change.json',
        'make demo-process: an approval of three levels, a blueprint of ten states',
        'docs/rules.md: the rule language; docs/directives.md: nginx',
    );

    chapter('What to try next');

    if (!$ENV{KEEP}) {
        say_line('make demo KEEP=1       leaves all this running');
        say_line($_) for @more;
        print "\nDone. Everything is stopped, nothing is left behind.\n";
        exit 0;
    }

    my $env = 'CRM_REDIS=' . redis_url() . ' CRM_ORG=' . crm_org();

    say_line($_) for (
        "curl -i $base/crm/v8/Deals/$deal",
        "curl -i -X PUT -H 'Content-Type: application/json'"
            . " -H 'X-CRM-User: $ann' \\",
        "     -d '{\"data\":[{\"Amount\":2}]}' $base/crm/v8/Deals/$deal",
        "curl $base/crm_status",
        "curl " . receiver_url('/__log') . '   # webhooks received',
        "$env build/crmctl status",
        "edit $rules, then:",
        "$env build/crmctl apply $rules --managed-by demo",
        'redis-cli -s ' . redis_sock(),
        'logs: ' . work_dir());

    print "\nRunning until Ctrl-C.\n";
    sleep 3600 while 1;
}


# --- telling it -----------------------------------------------------------------

sub webhook {
    my ($path) = @_;

    my $hook = wait_for {
        (grep { $_->{target} eq $path } hooks())[0];
    } "the webhook at $path", 15;

    print "\n";
    say_line("the receiver got:");
    say_line("    $hook->{method} $hook->{target}");
    say_line("    $_: $hook->{header}{$_}")
        for qw(webhook-id webhook-timestamp webhook-signature);
    say_line("    $hook->{body}");

    my $wrong = verify_signature($hook, $secret);

    expect(!defined $wrong, 'the signature holds' . ($wrong ? ": $wrong" : ''));
    say_line('its signature holds.');
}


sub mail {
    my ($mail) = wait_for {
        my @mails = mails();

        @mails >= 2 && (grep { $_->{to}[0] =~ /^max/ } @mails)[0];
    } 'two mails', 15;

    print "\n";
    say_line('the mail relay got one for each recipient; this one is for the administrator:');

    for my $name (qw(From To Subject Message-ID Auto-Submitted)) {
        my $value = $mail->{headers}{ lc $name };

        utf8::encode($value);
        say_line("    $name: $value");
    }

    say_line("    $_->{type}: " . $_->{text} =~ s/\n//gr) for @{ $mail->{parts} };

    expect($mail->{headers}{subject} =~ /Engine no\. 2/, 'the mail names the deal');
}
