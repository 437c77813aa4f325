# What the module takes a request for, and what the backend would do with it, are
# the same: requests, valid and hostile, go through nginx to a backend that reads
# each by itself, forgivingly, and compares. Fails when anything that a backend
# could act upon was judged as another operation, on another module or other
# records, or not judged at all, and when a locked record would be written.
#
# CRM_FUZZ_SECONDS says how long, CRM_TEST_SEED from where: without it a seed
# that is always the same.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use IO::Select;
use IO::Socket::INET;
use Test::More;
use Time::HiRes qw(time);
use Test::CRM;
use Test::CRM::Hostile qw(hostile);
use Test::CRM::Reader;

my $seconds = $ENV{CRM_FUZZ_SECONDS};
my $seed = $ENV{CRM_TEST_SEED} || 20261122;
my $cases = 2000;

redis_start();

my @actions = qw(update delete blueprint approvals share territories cadences scoring cancel merge mass_update mass_delete
                 photo lock related);
my @all = (@actions, qw(convert change_owner add_tags remove_tags));

my $port = reader_start(redis_sock(), { Leads => [@all, 'create'], Deals => [@actions, 'create'], Contacts => [qw(create update)] },
                        { Leads => \@all, Deals => \@actions });

crm_rules(<<'EOT');
kind: record_locking
module: Leads
lock_type: automatic
locking_rules:
  - name: closed
    lock_existing_records: true
    criteria: { field: Lead_Status, comparator: equal, value: Closed }
restricted_actions: [update, delete, change_owner, tags, convert]
---
kind: record_locking
module: Deals
lock_type: automatic
locking_rules:
  - name: won
    lock_existing_records: true
    criteria: { field: Stage, comparator: equal, value: Won }
restricted_actions: [update, delete]
---
kind: workflow_rule
name: leads
module: Leads
execute_when: { type: create_or_edit }
conditions: [ { criteria: null, instant_actions: [ { type: field_updates, field: Rating, value: Hot } ] } ]
---
kind: workflow_rule
name: contacts
module: Contacts
execute_when: { type: create_or_edit }
conditions: [ { criteria: null, instant_actions: [ { type: field_updates, field: Rating, value: Hot } ] } ]
EOT

sub guarded {
    my ($path, $dialect) = @_;

    return <<"EOT";
        location $path {
            crm_automation on;
            crm_dialect $dialect;
            crm_record_location /_crm_record;
            crm_backend_max_time 20s;
            proxy_read_timeout 20s;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_set_header X-Idea "\$crm_decision|\$crm_operation|\$crm_module|\$crm_record_id";
            proxy_pass http://crm_backend;
        }
EOT
}

nginx_start(log_level => 'error', http => <<"EOT", server => join('', "lingering_close off;\nkeepalive_timeout 1s;\n",
    crm_redis unix:@{[ redis_sock() ]} timeout=20s;
    crm_org acme;
    upstream crm_backend { server 127.0.0.1:$port; keepalive 8; }
EOT
    guarded('/crm/', 'zoho'), guarded('/rest/', 'rest'), guarded('/js/', 'json-server'), guarded('/dir/', 'directus'), <<'EOT'));
        location /_crm_record/ {
            internal;
            proxy_set_header X-Idea "pass|||";
            proxy_pass http://crm_backend/;
        }
EOT

wait_for { http(PUT => '/crm/v8/Leads/1', body => '{"data":[{"Amount":9}]}')->{status} == 400 } 'the rules';

srand $seed;
diag("seed $seed") if $seconds;

my (%status, @odd);
my $end = $seconds ? time() + $seconds : 0;
my $n = 0;

while ($seconds ? time() < $end : $n < $cases) {
    free() if ++$n % 50 == 0;

    my ($bytes, $endless) = hostile($n);

    my ($status, $said) = tell_nginx($bytes, $endless ? 0.05 : 10);

    $status{$status}++;
    push @odd, "$bytes\n$said" if $status =~ /^5/ && $status != 503 && @odd < 9;
}

my $stats = reader_stats();

is($stats->{found} || 0, 0, "$n requests, seed $seed: none is read otherwise than it was judged")
    or diag(join "\n\n", @{ $stats->{findings} });

cmp_ok($stats->{writes}, '>', $n / 10, "$stats->{writes} reached the backend as writes");
cmp_ok($status{400} || 0, '>', $n / 10, ($status{400} || 0) . ' were refused');
is(join(' ', grep { /^5/ && $_ != 503 } sort keys %status), '', 'none was too much') or diag(join "\n\n", @odd);
is(join(' ', grep { !$stats->{acts}{$_} } 'create Leads', 'update Leads', 'delete Leads', 'update Deals', 'delete Contacts',
        'add_tags Deals', 'update Tasks'), '', 'all kinds were among them');

diag(map { "$_: $status{$_}  " } sort keys %status) if $seconds;
diag(map { "$_: $stats->{acts}{$_}  " } sort keys %{ $stats->{acts} }) if $seconds;

is(join("\n", grep { /\[(?:alert|crit|emerg)\]/ } split /\n/, nginx()->error_log), '', 'nginx has nothing to say');
is(nginx_stop(), undef, 'nginx stops, clean');

done_testing();


# What a write left behind whose answer did not tell its outcome must not keep
# the next ones out.
sub free {
    my @busy = @{ redis(KEYS => 'crm:{acme}:busy:*') };

    redis(DEL => @busy) if @busy;
}


# The status of the first answer, and all that came.
sub tell_nginx {
    my ($bytes, $seconds) = @_;

    my $s = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => nginx_port()) or return "connect: $!";
    my ($in, $sel) = ('', IO::Select->new($s));

    local $SIG{PIPE} = 'IGNORE';

    syswrite $s, $bytes;

    while ($sel->can_read($seconds)) {
        sysread $s, $in, 65536, length $in or return ($in =~ /^HTTP\S+ (\d+)/ ? $1 : 'closed', $in);
    }

    return ('timeout', $in);
}
