# crm_decorate: who reads a record sees what holds it, and nothing that fails
# here keeps him from reading. Fails when a flag says other than the gates would,
# when an answer is cut or has the length of another, or when reading waits.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::More;
use Test::CRM;

redis_start();
crm_start();

crm_rules(<<'EOT');
kind: profile
name: Standard
---
kind: profile
name: Office
---
kind: user
id: "sam"
profile: Standard
---
kind: user
id: "eve"
profile: Standard
---
kind: user
id: "off"
profile: Office
---
kind: record_locking
module: Deals
lock_type: both
locking_rules:
  - name: closed
    lock_existing_records: true
    criteria: { field: Stage, comparator: equal, value: Closed Won }
locked_for: all_profiles_except_excluded_profiles
lock_excluded_profiles: [Office]
---
kind: approval_process
name: Large
module: Quotes
execute_when: create_or_edit
rules:
  - criteria: { field: Discount, comparator: greater_than, value: 20 }
    approvers: [ { type: user, id: "sam" } ]
---
kind: blueprint
name: Pipeline
module: Quotes
field: Status
transitions:
  - { id: propose, name: Propose, from: [New], to: Proposal }
EOT

my $more = 'crm_decorate on; crm_max_answer 4k;';

nginx_start(http => crm_http_config("timeout=@{[at_most(300)]}ms"),
            server => crm_server_config($more) . 'location /plain/ { proxy_pass http://crm_backend/; }'
                      . 'location /open_api/ { crm_api write=on guarded=/crm/v8 auth=none; }');

sub get {
    my ($path, $user, @headers) = @_;

    return http(GET => "/crm/v8/$path", headers => [ 'X-CRM-User' => $user || 'sam', @headers ]);
}

sub record { return json_decode(get(@_)->{body})->{data}[0] }

sub flags {
    my ($r) = @_;

    return join ' ', map { my $v = $r->{$_}; "$_=" . (ref $v ? $v ? 'true' : 'false' : defined $v ? $v : 'null') }
                     sort grep { /^(\$|Locked)/ } keys %$r;
}

sub plain { return http(GET => "/plain/crm/v8/$_[0]")->{body} }

crm_seed('Deals', 1, '{"Stage":"Open","Amount":19.990,"Big":1234567890123456789}');
crm_seed('Deals', 2, '{"Stage":"Closed Won","Locked__s":"stale"}');
crm_seed('Quotes', 1, '{"Status":"New","Discount":5}');
crm_seed('Tasks', 1, '{"Subject":"x"}');

# before the rules are there a record is read as it is
wait_for { flags(record('Deals/1')) } 'the rules';
is(flags(record('Deals/1')), '$editable=true $locked_for_me=false Locked__s=false', 'a free record');
is(flags(record('Deals/2')), '$editable=false $locked_for_me=true Locked__s=true', 'one that a rule locks');
is(flags(record('Deals/2', 'off')), '$editable=true $locked_for_me=false Locked__s=true', 'for whom no lock counts');

my $one = get('Deals/1');
like($one->{body}, qr/"Amount":19\.990/, 'numbers stay digit for digit');
like($one->{body}, qr/"Big":1234567890123456789/, 'large ones, too');
is($one->{headers}{'content-length'}, length $one->{body}, 'the length is that of what comes');
is($one->{headers}{etag}, undef, 'what the backend calls this version is not told of ours');
is(() = get('Deals/2')->{body} =~ /Locked__s/g, 1, 'a flag that the CRM has itself is replaced');

is(http(POST => '/open_api/locks/Deals/1', body => '{"reason":"why"}', headers => [ 'X-CRM-User' => 'sam' ])->{status},
   201, 'somebody locks it by hand');
is(flags(record('Deals/1')), '$editable=false $locked_for_me=true Locked__s=true', 'and so it is shown');

is(flags(record('Quotes/1')), '$approval_state=null $editable=true $process_flow=false $state=null',
   'a record in no process');
is(http(PUT => '/crm/v8/Quotes/1', body => '{"data":[{"Discount":30}]}', headers => [ 'X-CRM-User' => 'eve' ])
   ->{status}, 200, 'it enters both');
is(flags(record('Quotes/1', 'eve')), '$approval_state=waiting $editable=false $process_flow=true $state=New',
   'one that waits, for somebody');
is(flags(record('Quotes/1', 'sam')), '$approval_state=waiting $editable=true $process_flow=true $state=New',
   'and for who decides');


# --- what is left alone --------------------------------------------------------------------

is(get('Tasks/1')->{body}, plain('Tasks/1'), 'a module that nothing holds');
is(get('Deals')->{body}, plain('Deals'), 'a list');
is(get('Deals/9')->{status}, http(GET => '/plain/crm/v8/Deals/9')->{status}, 'a record that is not there');
is(get('Deals/1?fields=Stage')->{body}, plain('Deals/1?fields=Stage'), 'some fields alone');
is(flags(record('Deals/1', 'sam', Range => 'bytes=0-3')), '$editable=false $locked_for_me=true Locked__s=true',
   'a range of it is the whole');
is(flags(record('Deals/1', 'sam', 'If-None-Match' => '*', 'If-Modified-Since' => 'Sun, 01 Nov 2099 00:00:00 GMT')),
   '$editable=false $locked_for_me=true Locked__s=true', 'and no condition keeps it');

is(http(HEAD => '/crm/v8/Deals/1')->{status}, http(HEAD => '/plain/crm/v8/Deals/1')->{status},
   'HEAD is answered as the backend does it');

my $large = '{"Stage":"Closed Won","x":"' . 'y' x 9000 . '"}';
crm_seed('Deals', 3, $large);
is(get('Deals/3')->{body}, plain('Deals/3'), 'what is above crm_max_answer');

crm_seed('Deals', 4, '{"Stage":"Closed Won"}');

for my $fault (qw(html garbage gzip half truncate reset), 'status') {
    crm_fail(fault => $fault, method => 'GET', match => '/Deals/4', times => 1, $fault eq 'status' ? (status => 500) : ());
    my $r = get('Deals/4');

    unlike($r->{body} || '', qr/Locked__s/, "the backend's $fault is not decorated");
}

is(flags(record('Deals/4')), '$editable=false $locked_for_me=true Locked__s=true', 'then all is well again');


# --- without Redis -----------------------------------------------------------------------

redis_pause();
is(get('Deals/4')->{body}, plain('Deals/4'), 'without Redis the record is read as it is');
redis_resume();
like(nginx()->error_log, qr/crm decorate: what is known of record "Deals\/4" cannot be read/, 'and that is logged');
ok((wait_for { flags(record('Deals/4')) =~ /Locked__s=true/ } 'Redis', 20), 'with it again it is told');

redis(SET => 'crm:{acme}:record:Deals/4', 'no hash');
is(get('Deals/4')->{body}, plain('Deals/4'), 'what Redis says that is none is not told');

done_testing();
