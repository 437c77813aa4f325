# No way around the guard inside nginx, rows 92, 93, 98 and 103 of the table
# among them: what nginx itself redirects, rewrites or repeats is judged, or does
# not reach the backend; a process that could not load its rules, or whose Redis
# is another one, lets nothing through; new rules come between two requests.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use IO::Handle;
use IO::Select;
use IO::Socket::UNIX;
use POSIX ();
use Test::More;
use Test::CRM;
use Test::CRM::Process;
use Test::CRM::Rows qw(bytes row);

my ($locked, $free) = ('4150868000000624033', '4150868000000624034');
my $body = '{"data":[{"Amount":2}]}';

redis_start();
crm_start();

my $rules = <<'EOT';
kind: record_locking
module: Deals
lock_type: automatic
locking_rules:
  - name: closed
    lock_existing_records: true
    criteria: { field: Stage, comparator: equal, value: Closed Won }
locked_for: all_profiles
restricted_actions: [update, delete]
---
kind: workflow_rule
name: tell
module: Leads
execute_when: { type: create }
conditions:
  - criteria: null
    instant_actions: [ { type: webhooks, name: new-lead } ]
---
kind: webhook
name: new-lead
module: Leads
url: https://hooks.example.test/leads
http_method: POST
body: { type: raw, format: JSON, content: '{}' }
EOT

crm_rules($rules);
crm_seed('Deals', $locked, '{"Stage":"Closed Won","Amount":1}');
crm_seed('Deals', $free, '{"Stage":"Open","Amount":1}');

sub put  { return http(PUT => "/crm/v8/Deals/$_[0]", body => $body, timeout => 20) }
sub jobs { return redis(LLEN => 'crm:{acme}:queue:webhooks') }

# nginx with $text in the guarded location, $more beside it.
sub guarded {
    my ($text, $more, %o) = @_;

    my $server = crm_server_config($text) . ($more || '');

    $server =~ s{(proxy_pass) http://crm_backend;}{$1 $o{to};} if $o{to};

    nginx_stop() if nginx() && nginx()->is_running;
    nginx_start(server => $server, %o);
    crm_fail();
    crm_clear_log();
}

sub writes { return join ' ', map { "$_->{method} $_->{target}" } crm_writes() }


# A Redis that answers all but the rules: whoever asks for them is cut off.

my $front = work_dir() . '/front.sock';
my $cut = work_dir() . '/cut';
my $pid = fork_child('front');

if ($pid == 0) {
    my $listen = IO::Socket::UNIX->new(Local => $front, Listen => 10);
    my $all = IO::Select->new($listen);
    my %other;

    while (my @ready = $all->can_read) {
        for my $h (@ready) {
            if ($h == $listen) {
                my $client = $listen->accept or next;
                my $redis = IO::Socket::UNIX->new(Peer => redis_sock()) or next;

                @other{$client, $redis} = ($redis, $client);
                $all->add($client, $redis);
                next;
            }

            my $to = $other{$h} or next;

            my $text;

            if (!sysread($h, $text, 65536)
                || (-e $cut && $text =~ /GETRANGE\r\n\$\d+\r\ncrm:\{acme\}:rules:/))
            {
                $all->remove($h, $to);
                delete @other{$h, $to};
                close $_ for $h, $to;

            } else {
                syswrite $to, $text;
            }
        }
    }

    POSIX::_exit(0);
}

wait_for { -S $front } 'the front of Redis';
spew($cut, '');

my $http = crm_http_config() =~ s/unix:\S+/unix:$front/r;

guarded('crm_rules_wait 1s;', '', http => $http);

is(put($locked)->{status}, 503, 'without its rules a process answers 503');
is(put($locked)->{status}, 503, 'again');
is(writes(), '', 'and lets nothing through');

unlink $cut;
is((wait_for { my $r = put($locked); $r->{status} != 503 && $r } 'the rules', 20)->{status},
   400, 'once it has them it judges');


# The configuration rewrites one record's target to another's.

guarded("rewrite ^/crm/v8/Deals/$free\$ /crm/v8/Deals/$locked break;");

my $r = put($free);

is($r->{status}, 400, 'a target that is rewritten to another record is refused');
like($r->{body}, qr/rewrites/, 'and the answer says why');
is(writes(), '', 'the backend saw nothing');

guarded('rewrite ^/crm/(.*)$ /crm/$1 break;');

is(put($free)->{status}, 200, 'a rewrite that names the same record passes');
is(put($locked)->{status}, 400, 'and is judged');


# The module's name in the other case.

crm_clear_log();

is(http(PUT => "/crm/v8/deals/$locked", body => $body)->{status}, 400,
   'a module that differs in case from one with rules is refused');
is(writes(), '', 'the backend saw nothing');


# error_page into a named location keeps method and body.

my $again = 'location @again { proxy_pass http://crm_backend; }';
my ($spare, $before) = (free_port());

guarded('error_page 502 504 404 = @again; proxy_read_timeout 1s;', $again);

for my $fault (qw(silent reset)) {
    crm_fail(fault => $fault, method => 'PUT', times => 1);
    crm_clear_log();
    redis('DEL', "crm:{acme}:busy:Deals/$free");

    is(put($free)->{status}, 502, "row 93: error_page does not send a write twice, $fault");
    is(writes(), "PUT /crm/v8/Deals/$free", 'the backend saw it once');
}

guarded('error_page 502 = @again;', $again, to => "http://127.0.0.1:$spare");

$before = jobs();

is(http(POST => '/crm/v8/Leads', body => $body)->{status}, 201,
   'row 93: what no server has seen goes to the named location');
is(writes(), 'POST /crm/v8/Leads', 'once');
is(jobs(), $before + 1, 'and its outcome is captured');
is(put($locked)->{status}, 400, 'row 93: what was refused does not');


# Two servers, of which the first takes the write and says nothing.

my $twice = crm_http_config()
          . "upstream twice { server 127.0.0.1:@{[crm_port()]}; server 127.0.0.1:@{[crm_port()]}; }\n";

guarded('', '', to => 'http://twice', http => $twice);
crm_fail(fault => 'reset', method => 'PUT', times => 1);

is(http(PUT => '/crm/v8/Contacts/1', body => $body)->{status}, 502,
   'a write of a module without rules is not sent twice either');
is(writes(), 'PUT /crm/v8/Contacts/1', 'the backend saw it once');


# A mirror is a subrequest with the method of the write.

guarded('mirror /crm/mirror;', <<'EOT');
        location = /crm/mirror {
            internal;
            crm_automation on;
            crm_dialect zoho;
            crm_record_location /_crm_record;
            proxy_pass http://crm_backend/crm/v8/Leads;
        }
EOT

is(http(POST => '/crm/v8/Leads', body => $body)->{status}, 201, 'row 93: a mirrored write passes');
is(http(POST => '/crm/v8/Leads', body => $body)->{status}, 201, 'another as well');
is(writes(), 'POST /crm/v8/Leads POST /crm/v8/Leads',
   'a subrequest does not carry it through another guarded location');


# Other locations lead into the guarded one: what the client wrote is not what
# would be judged.

my $read = "GET /crm/v8/Deals/$locked";
my $nothing = join '', map { "location = /in/$_->[0] { $_->[1] }\n" } (
    ['try', "try_files /none /crm/v8/Deals/$locked;"],
    ['last', "rewrite ^ /crm/v8/Deals/$locked last;"],
    ['error', "error_page 405 = /crm/v8/Deals/$locked; root html;"],
    ['named', 'error_page 405 = @crm; root html;'],
    ['auth', "auth_request /crm/v8/Deals/$locked; root html;"],
);

guarded('', $nothing . <<'EOT');
        location @crm {
            crm_automation on;
            crm_dialect zoho;
            crm_prefix /crm/;
            crm_record_location /_crm_record;
            proxy_pass http://crm_backend;
        }
EOT

for (['try', 'try_files', '400 INVALID_URL_PATTERN'],
     ['last', 'rewrite', '400 INVALID_URL_PATTERN'],
     ['error', 'error_page, which reads', 200, $read],
     ['named', 'a named location', '400 INVALID_URL_PATTERN'],
     ['auth', 'auth_request, which reads', 405, $read])
{
    my ($path, $what, $answer, @log) = @$_;

    row(93, "a write that $what leads in", bytes("DELETE /in/$path"), $answer, @log);
}


# A backend that tells nginx where to go next: here an nginx in front of it that
# says what the client asked it to.

my $teller = free_port();

guarded('', 'location @again { proxy_pass http://crm_backend; } location /open/ { proxy_pass http://crm_backend/crm/; }',
        to => "http://127.0.0.1:$teller", http => crm_http_config() . <<"EOT");
    server {
        listen 127.0.0.1:$teller;
        location / {
            add_header X-Accel-Redirect \$http_x_to always;
            proxy_pass http://crm_backend;
        }
    }
EOT

row(92, "X-Accel-Redirect to $_ is ignored", bytes('POST /crm/v8/Leads', ['X-To' => $_], $body), '201 SUCCESS',
    'POST /crm/v8/Leads') for '@again', "/open/v8/Deals/$locked", "/crm/v8/Deals/$free";
row(92, 'of a module without rules, too', bytes('POST /crm/v8/Contacts', ['X-To' => '@again'], $body),
    '201 SUCCESS', 'POST /crm/v8/Contacts');
row(92, 'a refused write does not come by there', bytes("PUT /crm/v8/Deals/$locked", ['X-To' => '@again'], $body),
    '400 RECORD_LOCKED', $read);


# Switched on where nothing is proxied.

guarded('', 'location /files/ { crm_automation on; root ' . work_dir() . '; }');

is(http(GET => '/files/none')->{status}, 404, 'a location of files is served');
is(http(PUT => '/files/none', body => $body)->{status}, 405, 'and takes no write');
is(put($locked)->{status}, 400, 'beside it all is as it was');


# An epoch that is missing, though there are rules.

my $epoch = redis(GET => 'crm:{acme}:epoch');

redis(DEL => 'crm:{acme}:epoch', "crm:{acme}:busy:Deals/$free");
guarded('');

is(put($free)->{status}, 503, 'rules without an epoch: closed');
is(writes(), '', 'the backend saw nothing');

redis(SET => 'crm:{acme}:epoch', $epoch);
ok((wait_for { put($free)->{status} == 200 } 'the epoch', 20), 'with it: open');

is(json_decode(http(GET => '/crm_status')->{body})->{requests}{allowed}, 1,
   'crm_status counts what is allowed');



# Another Redis in the place of the one that has seen the record being locked.

redis(DEL => 'crm:{acme}:queue:webhooks');
guarded('');
wait_for { put($free)->{status} == 200 } 'the rules', 20;

is(http(PUT => "/crm/v8/Deals/$free", body => '{"data":[{"Stage":"Closed Won"}]}')->{status}, 200,
   'row 98: a save makes the record match the lock');

redis_kill();
mkdir work_dir() . '/other';
redis_start(dir => work_dir() . '/other');
crm_clear_log();

ok((wait_for { put($free)->{status} == 503 } 'the other Redis', 20), 'row 98: another Redis, and nothing in it: 503');
wait_for { grep { /"epoch_ok":false/ } @{ redis('HVALS', 'crm:{acme}:processes') } } 'nginx to say so there', 20;
ok(!eval { crm_rules($rules) }, 'row 98: it is given the rules');
like($@, qr/revision 1 is live.*remembers another Redis and is closed/s, 'row 98: who gives them is told of nginx');
is(put($free)->{status}, 503, 'row 98: still 503') for 1 .. 2;
is(writes(), '', 'row 98: until then the backend saw nothing');
is(crmctl('doctor', '--accept-epoch')->{rc}, 0, 'row 98: somebody accepts it');
row(98, 'then it is locked as it was', bytes("PUT /crm/v8/Deals/$free", [], '{"data":[{"Amount":98}]}'),
    '400 RECORD_LOCKED', "GET /crm/v8/Deals/$free");

redis(SET => 'crm:{acme}:epoch', 'A' x 26);
wait_for { put($free)->{status} == 503 } 'a third', 20;
nginx_reload();
$body = '{"data":[{"Amount":99}]}';
crm_clear_log();
ok((wait_for { put($free)->{status} == 400 } 'a reload', 20), 'row 98: or nginx is reloaded, and it is locked as well');
is(writes(), '', 'row 98: the backend saw no write');

# Of the process that is gone crmctl would say for five seconds that it is closed.
wait_for { (my @pids = nginx()->worker_pids) == 1 } 'the process of before to end', 20;
redis(DEL => 'crm:{acme}:processes');


# Two rules that each of two revisions has, a thousand requests, and the second
# revision in the middle of them.

sub marked {
    my ($mark) = @_;

    return join "---\n", map { <<"EOT" } qw(One Two Three);
kind: workflow_rule
name: \L$_\E
module: Leads
execute_when: { type: create }
conditions: [ { criteria: null, instant_actions: [ { type: field_updates, field: $_, value: $mark } ] } ]
EOT
}

crm_rules(marked('a'));
wait_for { http(POST => '/crm/v8/Leads', body => $body) && (crm_writes())[-1]{body} =~ /"a"/ } 'the marks', 20;
crm_reset();

my $stop = work_dir() . '/stop';
my @clients = map { client($_) } 1 .. 4;

wait_for { notes() > 200 } 'writes under way', 30;
crm_rules(marked('b'));
$before = () = notes();
wait_for { notes() > $before + 200 } 'writes by the new rules', 30;
spew($stop, '');
waitpid $_, 0 for @clients;

my %marks;

$marks{ join '', $_->{body} =~ /"(?:One|Two|Three)":"(.)"/g }++ for crm_writes();

my ($old, $new) = map { delete $marks{$_} || 0 } qw(aaa bbb);

is_deeply(\%marks, {}, 'row 103: each of the requests is judged by one revision, whole');
cmp_ok($old + $new, '>=', 1000, 'row 103: a thousand at least');
ok($old > 100 && $new > 100, "row 103: $old by the first, $new by the second");
is(scalar(grep { $_ != 201 } notes()), 0, 'row 103: and none is answered otherwise');

is(nginx_stop(), undef, 'nginx stops, clean');

done_testing();


# The statuses of all clients' writes so far.
sub notes {
    return map { my $file = work_dir() . "/client.$_"; -e $file ? split /\n/, slurp($file) : () } 1 .. 4;
}

# Writes 250 times, and on until it is told to stop; notes each status.
sub client {
    my ($i) = @_;

    my $pid = fork_child('client');
    return $pid if $pid;

    open my $note, '>', work_dir() . "/client.$i" or POSIX::_exit(1);
    $note->autoflush(1);

    for (my $n = 0; $n < 250 || !-e $stop; $n++) {
        print $note http(POST => '/crm/v8/Leads', body => $body)->{status}, "\n";
    }

    close $note;
    POSIX::_exit(0);
}
