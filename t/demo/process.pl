#!/usr/bin/perl
#
# make demo-process: the second part of the demo. A discount that three people
# must agree to, and an order that goes through ten states, told with real
# requests as make demo is. KEEP=1 leaves it running until Ctrl-C.

use strict;
use warnings;

use Cwd ();
use File::Basename qw(dirname);

BEGIN { $ENV{CRM_WORK_DIR} ||= Cwd::abs_path(dirname(__FILE__) . "/../..") . "/build/demo-process" }

use lib dirname(__FILE__) . '/../lib';
use Test::CRM;
use Test::CRM::Chain;
use Test::CRM::Story;

my $rules = work_dir() . '/rules';

$| = 1;

start();
my $deal = a_discount_waits();
three_people_agree($deal);
my $order = an_order_goes_its_way();
what_next($order);


sub start {
    chapter('Starting Redis, a small CRM, a webhook receiver, nginx, crm-worker');

    redis_start();
    crm_start();
    receiver_start();

    my $at = '127.0.0.1:' . receiver_port();

    for my $f (glob top_dir() . '/t/demo/process/*') {
        spew("$rules/" . ($f =~ s{.*/}{}r), slurp($f) =~ s/127\.0\.0\.1:8099/$at/gr);
    }

    my $r = crmctl('apply', $rules, '--managed-by', 'demo', '--message', 'the demo rules');

    die "crmctl apply failed:\n$r->{out}$r->{err}" if $r->{rc};

    my $key = chain_key_file();

    nginx_start(extra => "crm_chain_key_file $key;",
                server => crm_server_config("crm_chain_key_file $key;")
                    . "location /crm_api/ { crm_api write=on guarded=/crm/v8 auth=none; }");
    worker_start('--chain-key-file', $key,
                 '--backend', guarded_url());

    say_line('nginx    http://127.0.0.1:' . nginx_port() . '/crm/v8, and /crm_api/ beside it');
    say_line('rules    t/demo/process: ' . first_line($r->{out} || $r->{err}));
    say_line('');
    say_line('Rory sells; above him are Maya, Dora and Cleo. Fay looks after credit, Wim after the works.');
    say_line('Each request below is sent by the person who is named before it.');
}


# --- an approval of three levels ---------------------------------------------------------

sub a_discount_waits {
    chapter('1. A discount above 20 % waits for three people');

    say_line('Rory gives 35 %. The deal is stored, and waits from now on:');

    my $r = request(rory => POST => '/crm/v8/Deals',
        '{"data":[{"Deal_Name":"Engine no. 3","Amount":90000,"Discount":35,"Owner":{"id":"rory"}}]}');
    my $id = json_id($r);

    expect(defined $id, 'the CRM stored the deal');

    say_line('');
    say_line('Who is asked? Rory\'s manager first, of three levels:');
    $r = request(rory => GET => "/crm_api/approvals/Deals/$id");

    my $at = json_decode($r->{body});

    expect($at->{state} eq 'waiting' && $at->{level} == 1 && $at->{levels} == 3, 'it waits at level 1 of 3');

    say_line('');
    say_line('While it waits, Rory cannot change it:');

    my $before = crm_writes();

    $r = request(rory => PUT => "/crm/v8/Deals/$id", '{"data":[{"Discount":50}]}');
    expect($r->{status} == 400 && $r->{body} =~ /NOT_APPROVED/, 'the edit is refused');
    expect(crm_writes() == $before, 'the CRM never saw it');
    say_line('the CRM never saw this request.');

    say_line('');
    say_line('but what the process calls editable, he can:');
    $r = request(rory => PUT => "/crm/v8/Deals/$id", '{"data":[{"Description":"three engines"}]}');
    expect($r->{status} == 200, 'an editable field passes');

    return $id;
}


sub three_people_agree {
    my ($id) = @_;

    chapter('2. One behind the other they agree');

    say_line('Cleo is the chief, but it is not her turn yet:');

    my $r = request(cleo => POST => "/crm_api/approvals/Deals/$id", '{"action":"approve"}');

    expect($r->{status} == 403, 'nobody decides before his turn');

    my @levels = ([ maya => 'Maya, the manager', 'fair for three engines' ],
                  [ dora => 'Dora, the director', 'if they pay in advance' ],
                  [ cleo => 'Cleo, the chief', 'agreed' ]);

    for my $level (1 .. 3) {
        my ($who, $what, $says) = @{ $levels[ $level - 1 ] };

        say_line('');
        say_line("level $level: $what");
        $r = request($who => POST => "/crm_api/approvals/Deals/$id",
                     qq({"action":"approve","comments":"$says"}));
        expect($r->{status} == 200, "$who agrees");

        my $at = json_decode($r->{body});

        expect($level < 3 ? $at->{level} == $level + 1 : $at->{state} eq 'approved', "level $level is done");
    }

    my $seen = wait_for { (grep { $_->{body} =~ /Discount_Approved/ } crm_writes())[0] }
               'what follows from the approval', 15;

    say_line('');
    say_line('All have agreed; what the process says for that, the worker writes:');
    say_line("    $seen->{method} $seen->{target} $seen->{body}");

    say_line('');
    say_line('and Rory may work with his deal again:');
    $r = request(rory => PUT => "/crm/v8/Deals/$id", '{"data":[{"Amount":88000,"Discount":20}]}');
    expect($r->{status} == 200, 'the deal is free');
}


# --- a blueprint of ten states ------------------------------------------------------------

sub an_order_goes_its_way {
    chapter('3. An order goes through ten states');

    say_line('Rory writes an order. Its Status is now led by the blueprint:');

    my $r = request(rory => POST => '/crm/v8/Orders',
        '{"data":[{"Subject":"Order 7","Status":"Draft","Owner":{"id":"rory"}}]}');
    my $id = json_id($r);
    my $path = "/crm_api/blueprint/Orders/$id";

    expect(defined $id, 'the CRM stored the order');

    say_line('');
    say_line('He cannot write what he likes into it, and hears what is open to him:');
    $r = request(rory => PUT => "/crm/v8/Orders/$id", '{"data":[{"Status":"Shipped"}]}');
    expect($r->{status} == 400 && $r->{body} =~ /RECORD_IN_BLUEPRINT/, 'the field changes by transitions alone');
    expect($r->{body} =~ /"submit"/, 'the open transition is told');

    step(rory => $id, 'submit', 'Draft', 'Submitted');

    say_line('');
    say_line('The credit is Fay\'s to check, not Rory\'s:');
    $r = request(rory => PUT => $path, '{"transition":"credit","data":{"Credit_Limit":5000}}');
    expect($r->{status} == 403, 'it is nobody else\'s');

    say_line('');
    say_line('and Fay must say how much it is:');
    $r = request(fay => PUT => $path, '{"transition":"credit","data":{}}');
    expect($r->{status} == 400 && $r->{body} =~ /MANDATORY_NOT_FOUND/, 'what is asked for must be given');
    $r = request(fay => PUT => $path, '{"transition":"credit","data":{"Credit_Limit":0}}');
    expect($r->{status} == 400 && $r->{body} =~ /above zero/, 'and it must fit');

    step(fay => $id, 'credit', 'Submitted', 'Credit checked', '"Credit_Limit":5000');
    step(rory => $id, 'confirm', 'Credit checked', 'Confirmed');
    step(wim => $id, 'start', 'Confirmed', 'In production');
    step(wim => $id, 'inspect', 'In production', 'In inspection');

    say_line('');
    say_line('A scratch: back it goes, since a transition leads back.');
    step(wim => $id, 'rework', 'In inspection', 'In production');
    step(wim => $id, 'inspect', 'In production', 'In inspection');
    step(wim => $id, 'pack', 'In inspection', 'Packed', '"Inspected_By":"Wim"');
    step(wim => $id, 'ship', 'Packed', 'Shipped', '"Tracking":"JD 0042"');

    my $hook = wait_for { (grep { $_->{target} eq '/hooks/shipped' } hooks())[0] } 'the webhook', 15;

    say_line('');
    say_line('Behind this transition the customer is told:');
    say_line("    $hook->{method} $hook->{target} $hook->{body}");

    step(rory => $id, 'deliver', 'Shipped', 'Delivered');
    step(fay => $id, 'pay', 'Delivered', 'Paid');

    say_line('');
    say_line('Nothing leads on from here:');
    $r = request(rory => GET => $path);
    expect(json_decode($r->{body})->{state} eq 'Paid', 'it is paid');
    expect(!@{ json_decode($r->{body})->{transitions} }, 'no transition is open');

    return $id;
}


sub step {
    my ($who, $id, $transition, $from, $to, $data) = @_;

    say_line('');
    say_line("$from -> $to, by $who:");

    my $r = request($who => PUT => "/crm_api/blueprint/Orders/$id",
                    qq({"transition":"$transition","data":{) . ($data || '') . '}}');

    expect($r->{status} == 200, "$who runs $transition");
    expect(json_decode(crm_record('Orders', $id))->{Status} eq $to, "the CRM has it as $to");
}


sub what_next {
    my ($order) = @_;

    my $why = crmctl('why', "Orders/$order", '--server', 'http://127.0.0.1:' . nginx_port());

    chapter('4. crmctl why Orders/' . $order);
    say_line($_) for split /\n/, $why->{out};
    expect($why->{rc} == 0 && $why->{out} =~ /Paid/, 'crmctl knows where it is');

    chapter('What to try next');
    say_line('t/demo/process: the rules of this, to be read in a minute');
    say_line('docs/rules.md#approval-processes, docs/rules.md#blueprints: all that they can say');
    say_line('docs/api.md: the requests that were sent to /crm_api/ and, in the vendor\'s words, below /crm/');

    if (!$ENV{KEEP}) {
        say_line('make demo-process KEEP=1    leaves all this running');
        print "\nDone. Everything is stopped, nothing is left behind.\n";
        exit 0;
    }

    my $base = 'http://127.0.0.1:' . nginx_port();

    say_line($_) for (
        "curl -H 'X-CRM-User: rory' $base/crm_api/blueprint/Orders/$order",
        "curl -H 'X-CRM-User: rory' $base/crm_api/why/Orders/$order",
        'CRM_REDIS=' . redis_url() . ' CRM_ORG=' . crm_org() . ' build/crmctl approvals ls',
        'logs: ' . work_dir());

    print "\nRunning until Ctrl-C.\n";
    sleep 3600 while 1;
}
