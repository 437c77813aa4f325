# No way around the guard inside nginx: what nginx itself redirects, rewrites or
# repeats is judged, or does not reach the backend; and a process that could not
# load its rules lets nothing through.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use IO::Select;
use IO::Socket::UNIX;
use POSIX ();
use Test::More;
use Test::CRM;
use Test::CRM::Process;

my ($locked, $free) = ('4150868000000624033', '4150868000000624034');
my $body = '{"data":[{"Amount":2}]}';

redis_start();
crm_start();

crm_rules(<<'EOT');
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
my $pid = fork();

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

on_exit(sub { kill 'KILL', $pid });
wait_for { -S $front } 'the front of Redis';
spew($cut, '');

my $http = crm_http_config() =~ s/unix:\S+;/unix:$front;/r;

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
my $spare = free_port();

guarded('error_page 502 504 404 = @again; proxy_read_timeout 1s;', $again);

for my $fault (qw(silent reset)) {
    crm_fail(fault => $fault, method => 'PUT', times => 1);
    crm_clear_log();
    redis('DEL', "crm:{acme}:busy:Deals/$free");

    is(put($free)->{status}, 502, "$fault: error_page does not send a write twice");
    is(writes(), "PUT /crm/v8/Deals/$free", 'the backend saw it once');
}

guarded('error_page 502 = @again;', $again, to => "http://127.0.0.1:$spare");

my $before = jobs();

is(http(POST => '/crm/v8/Leads', body => $body)->{status}, 201,
   'what no server has seen goes to the named location');
is(writes(), 'POST /crm/v8/Leads', 'once');
is(jobs(), $before + 1, 'and its outcome is captured');
is(put($locked)->{status}, 400, 'what was refused does not');


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

is(http(POST => '/crm/v8/Leads', body => $body)->{status}, 201, 'a mirrored write passes');
is(http(POST => '/crm/v8/Leads', body => $body)->{status}, 201, 'another as well');
is(writes(), 'POST /crm/v8/Leads POST /crm/v8/Leads',
   'a subrequest does not carry it through another guarded location');


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

is(nginx_stop(), undef, 'nginx stops, clean');

done_testing();
