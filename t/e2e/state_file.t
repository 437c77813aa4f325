# crm_state_file: a process that starts without Redis judges by the last good
# rule set, and no locked record gets through; what stands in the file and is
# not as we wrote it is not believed. It also remembers which Redis it was: one
# that was emptied while nginx was down closes the guarded modules.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Digest::SHA qw(sha256_hex);
use Fcntl qw(S_IMODE);
use File::Path qw(make_path remove_tree);
use IO::Socket::INET;
use Test::More;
use Test::CRM;
use Test::CRM::Rude;

my $dir = work_dir() . '/state';
my $path = "$dir/rules";
my $file = "$path.acme";

my $rules = <<'EOT';
kind: workflow_rule
name: told
module: Leads
execute_when: { type: create_or_edit }
conditions: [ { criteria: null, instant_actions: [ { type: webhooks, name: hook } ] } ]
---
kind: webhook
name: hook
module: Leads
url: http://127.0.0.1:9/
http_method: POST
---
kind: record_locking
module: Leads
lock_type: automatic
locking_rules:
  - name: closed
    lock_existing_records: true
    criteria: { field: x, comparator: equal, value: closed }
EOT

redis_start();
crm_start();
rude_start();
crm_rules($rules);
crm_seed('Leads', 1, '{"x":"closed"}');

sub start_nginx {
    my (%o) = @_;

    unlink work_dir() . '/nginx/logs/error.log';
    nginx_start(extra => 'crm_rules_wait 300ms;', %o, http => "
        crm_redis unix:@{[ rude_sock() ]} timeout=@{[at_most(200)]}ms;
        crm_org @{[ $o{org} // 'acme' ]};
        @{[ $o{state} // qq(crm_state_file $path;) ]}
        upstream crm_backend { server 127.0.0.1:@{[ crm_port() ]}; }");
}

sub stop_nginx {
    my $why = nginx_stop();

    is($why, undef, 'nginx has ended well');
}

sub create { return http(POST => '/crm/v8/' . ($_[0] || 'Leads'), body => '{"data":[{"x":1}]}') }
sub change { return http(PUT => '/crm/v8/Leads/1', body => '{"data":[{"y":1}]}') }
sub status { return json_decode(http(GET => '/crm_status')->{body}) }
sub away   { rude({ on => '*', close => 1 }) }
sub logged { return nginx()->error_log =~ $_[0] }

# The file by its description: its lines and its bundle, or undef.
sub parsed {
    my $text = slurp($file);
    my ($sum, $rest) = $text =~ /\Angx_crm_automation state 1\nsha256 (\w{64})\n(.*)\z/s or return;
    my ($org, $epoch, $revision, $len, $bundle) =
        $rest =~ /\Aorg (.*)\nepoch (.*)\nrevision (\d+)\nbundle (\d+)\n\n(.*)\z/s or return;

    return if sha256_hex($rest) ne $sum || length($bundle) != $len;
    return { org => $org, epoch => $epoch, revision => $revision, bundle => $bundle };
}

sub holds {
    my ($revision) = @_;

    my $p = parsed();
    return $p && $p->{revision} == $revision;
}

# A process that has no rules, and no Redis: nothing is let through.
sub nothing_passes {
    my ($what) = @_;

    crm_clear_log();
    is(create()->{status}, 503, "$what: a write that rules concern is held, then 503");
    is(create('Deals')->{status}, 503, "$what: so are all others, for all we know");
    is(change()->{status}, 503, "$what: a locked record is not let through");
    is(scalar crm_writes(), 0, "$what: the backend has seen nothing");
    is(http(GET => '/crm/v8/Leads/1')->{status}, 200, "$what: reads pass");
}


# --- it is written ------------------------------------------------------------------

start_nginx(workers => 4);
wait_for { holds(1) } 'the file';

my $p = parsed();
my @stat = stat $file;

is(sprintf('%o', S_IMODE($stat[2])), '600', 'nobody else reads it');
is($stat[4], $>, 'the processes own it');
is(sprintf('%o', S_IMODE((stat $dir)[2])), '700', 'its folder was made, for nobody else');
is($p->{org}, 'acme', 'organisation');
is($p->{epoch}, redis('GET', 'crm:{acme}:epoch'), 'epoch');
is($p->{bundle}, redis('GET', 'crm:{acme}:rules:1'), 'bundle, to the byte');

crm_rules($rules =~ s/told/again/r);
wait_for { holds(2) } 'the second revision';
wait_for { !grep { $_->{revision} != 2 } @{ status()->{processes} } } 'all processes';
is_deeply([glob "$dir/*"], [$file], 'nothing is left beside it');

# All processes at once, again and again: at no time is it anything but whole.
my $broken = 0;

for my $n (3 .. 6) {
    my $pid = fork_child('rules');

    if ($pid == 0) {
        crm_rules($rules =~ s/told/"told $n"/er);
        POSIX::_exit(0);
    }

    wait_for { $broken++ unless parsed(); holds($n) } "revision $n";
    waitpid $pid, 0;
}

is($broken, 0, 'a reader never sees a part of it');

my $inode = (stat $file)[1];

nginx_reload();
wait_for { 8 == @{[ nginx()->error_log =~ /runs revision 6/g ]} }
    'the new processes';
is((stat $file)[1], $inode, 'what has not changed is not written again');
stop_nginx();


# --- it is read ---------------------------------------------------------------------

away();
start_nginx(workers => 2);
wait_for { logged(qr/runs revision 6 from the state file/) } 'the rules of the file';
crm_clear_log();

my $r = create();

is($r->{status}, 503, 'Redis is away: a write that rules concern is closed');
ok($r->{headers}{'retry-after'}, 'to be tried again');
is(change()->{status}, 503, 'a locked record is not let through');
is(scalar crm_writes(), 0, 'the backend has seen nothing');
is(create('Deals')->{status}, 201, 'what no rule concerns passes');
is(status()->{org}{acme}{revision}, 6, 'the revision is told');
redis('SET', 'crm:{acme}:rules:7', redis('GET', 'crm:{acme}:rules:6') =~ s/told 6/seventh/gr);
redis('SET', 'crm:{acme}:revision', 7);
rude();
wait_for { create()->{status} == 201 } 'Redis';
wait_for { status()->{org}{acme}{revision} == 7 } 'its revision';
is(change()->{status}, 400, 'the locked record is refused, and told why');
wait_for { holds(7) } 'the file';
stop_nginx();

# A Redis that does not answer is as one that is not there.
rude({ on => '*', mute => 1 });
start_nginx();
wait_for { logged(qr/runs revision 7 from the state file/) } 'the rules of the file';
is(create()->{status}, 503, 'Redis is silent: closed');
is(create('Deals')->{status}, 201, 'what no rule concerns passes');
rude();
stop_nginx();

# So is one whose answers make no sense.
rude({ on => 'rules', reply => "-BUSY what it says\r\n" });
start_nginx();
wait_for { logged(qr/runs revision 7 from the state file/) } 'the rules of the file';
is(change()->{status}, 400, 'Redis is only half there: judged by the file');
rude();
stop_nginx();

# Or one that has lost what it says is current.
redis('RENAME', 'crm:{acme}:rules:7', 'kept');
start_nginx();
wait_for { logged(qr/runs revision 7 from the state file/) } 'the rules of the file';
is(change()->{status}, 400, 'the bundle is gone: judged by the file');
redis('RENAME', 'kept', 'crm:{acme}:rules:7');
stop_nginx();


# --- it is not there, or not as we wrote it --------------------------------------------

my $good = slurp($file);

my %bad = (
    'no file'              => sub { unlink $file },
    'an empty file'        => sub { spew($file, '') },
    'half a file'          => sub { spew($file, substr $good, 0, length($good) / 2) },
    'one byte less'        => sub { spew($file, substr $good, 0, -1) },
    'another lock'         => sub { spew($file, $good =~ s/closed/opened/gr) },
    'another epoch'        => sub { spew($file, $good =~ s/^epoch ./epoch _/mr) },
    'no file of ours'      => sub { spew($file, "<html>\n") },
    "another version's"    => sub { spew($file, $good =~ s/state 1/state 2/r) },
    "another's name"       => sub {
        my ($rest) = $good =~ /\A.*?\n.*?\n(.*)\z/s;
        $rest =~ s/^org acme/org evil/;
        spew($file, "ngx_crm_automation state 1\nsha256 " . sha256_hex($rest) . "\n$rest");
    },
    'writable by others'   => sub { spew($file, $good); chmod 0666, $file },
    'a link'               => sub { spew("$dir/real", $good); unlink $file; symlink 'real', $file },
    'a folder'             => sub { unlink $file; mkdir $file },
    'a pipe'               => sub { unlink $file; POSIX::mkfifo($file, 0600) },
    'a bundle of tomorrow' => sub {
        my ($rest) = $good =~ /\A.*?\n.*?\n(.*)\z/s;
        $rest =~ s/workflow_rule/workflow_rulf/g;
        spew($file, "ngx_crm_automation state 1\nsha256 " . sha256_hex($rest) . "\n$rest");
    },
);

$bad{'of another user'} = sub { spew($file, $good); chown 65534, 65534, $file } if $> == 0;

for my $case (sort keys %bad) {
    remove_tree($file, "$dir/real");
    $bad{$case}->();
    chmod 0600, $file if -f $file && !-l $file && $case ne 'writable by others';

    away();
    start_nginx();
    nothing_passes($case);
    like(nginx()->error_log, qr/the state file "\Q$file\E" is not used: \S/, "$case: the log says why")
        if $case ne 'no file';
    rude();
    wait_for { create()->{status} == 201 } 'Redis';
    is(change()->{status}, 400, "$case: judged when Redis is back");
    wait_for { -f $file && !-l $file && slurp($file) eq $good } "$case: the file" if $case ne 'a folder';
    stop_nginx();
}

remove_tree($file, "$dir/real");

# Its folder goes away while nginx runs: told once, nothing else happens.
start_nginx();
wait_for { holds(7) } 'the file';
rename $dir, "$dir.away";
redis('SET', 'crm:{acme}:rules:8', redis('GET', 'crm:{acme}:rules:7'));
redis('SET', 'crm:{acme}:revision', 8);
wait_for { logged(qr/the state file "\Q$file\E" is not written/) } 'the log';
is(change()->{status}, 400, 'the folder is gone: judged all the same');
rename "$dir.away", $dir;
wait_for { holds(8) } 'the file';
is(scalar(() = nginx()->error_log =~ /is not written/g), 1, 'and told once');
stop_nginx();


# --- without it -------------------------------------------------------------------------

away();
start_nginx(state => '');
nothing_passes('no crm_state_file');
rude();
wait_for { create()->{status} == 201 } 'Redis';
stop_nginx();

# A slow Redis, a cold start: writes are held until the rules are there.
rude({ on => '*', delay => 0.1 });
start_nginx(state => '', extra => 'crm_rules_wait 10s;');
is(change()->{status}, 400, 'held, judged, refused');
is(create()->{status}, 201, 'judged, forwarded');
rude();
stop_nginx();

# One that is slower than its timeout is one that is away.
rude({ on => '*', delay => 1 });
start_nginx(state => '');
nothing_passes('a Redis that is too slow');
rude();
wait_for { create()->{status} == 201 } 'Redis';
stop_nginx();


# --- another Redis ------------------------------------------------------------------------

# What the process that answers us says of itself in Redis.
sub document {
    my $pid = status()->{processes}[0]{pid};
    my %all = @{ redis('HGETALL', 'crm:{acme}:processes') };
    my ($name) = grep { /:$pid\z/ } keys %all;

    return $name ? json_decode($all{$name}) : {};
}

# Once it has asked again what is current.
sub poll {
    my ($s, $us) = @{ redis('TIME') };

    wait_for { (document()->{seen_ms} || 0) > $s * 1000 + $us / 1000 } 'a poll';
}

my $old = redis('GET', 'crm:{acme}:epoch');

# Emptied while nginx was down, and without rules: nothing may pass as if there
# had never been any.
redis('FLUSHALL');
start_nginx();
wait_for { logged(qr/epoch of organisation "acme" is missing/) } 'the log';
crm_clear_log();
is(create()->{status}, 503, 'emptied: closed');
is(change()->{status}, 503, 'emptied: a locked record is not let through');
is(scalar crm_writes(), 0, 'emptied: the backend has seen nothing');

# With rules again it is another Redis still.
eval { crm_rules($rules) };
my $new = redis('GET', 'crm:{acme}:epoch');
isnt($new, $old, 'it has another epoch');
poll();
is(document()->{epoch}, $old, 'its document tells what it remembers');
ok(!document()->{epoch_ok}, 'and that it is closed');
is(create()->{status}, 503, 'applied: closed');
nginx_reload();
wait_for { 2 <= @{[ nginx()->error_log =~ /epoch of organisation "acme" is/g ]} } 'the new process';
is(create()->{status}, 503, 'reloaded: closed');

# Accepted in place of yet another one, it stays so.
redis('HSET', 'crm:{acme}:epoch:accepted', 'SOME-OTHER', $new);
poll();
is(create()->{status}, 503, "another's acceptance: closed");
redis('HSET', 'crm:{acme}:epoch:accepted', $old, 'SOME-OTHER');
poll();
is(create()->{status}, 503, 'accepted for another Redis: closed');

redis('HSET', 'crm:{acme}:epoch:accepted', $old, $new);
wait_for { create()->{status} == 201 } 'the acceptance';
is(change()->{status}, 400, 'accepted: judged');
is(status()->{org}{acme}{revision}, 1, 'by the rules of this Redis');
wait_for { holds(1) && parsed()->{epoch} eq $new } 'the file';
wait_for { document()->{epoch_ok} } 'its document';
stop_nginx();

# A host that was down meanwhile comes up without more ado.
spew($file, $good);
chmod 0600, $file;
start_nginx();
wait_for { create()->{status} == 201 } 'the acceptance';
pass('accepted while down: open');
wait_for { parsed()->{epoch} eq $new } 'the file';
stop_nginx();


# --- An organisation that a variable names, and that is none any more when Redis is back, stands for the writes that the
# file's rules judge; the next one hears of it.

sub asked { my ($n) = redis('INFO', 'commandstats') =~ /^cmdstat_sismember:calls=(\d+)/m; return $n || 0 }

redis('SREM', 'crm:orgs', 'acme');
crm_seed('Leads', 2, '{"x":"open"}');
away();
start_nginx(org => '$org', state => "crm_state_file $path; map \$host \$org { default acme; }",
            extra => 'crm_rules_wait 10s;');

my $s = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => nginx_port()) or die "connect: $!\n";
my $body = '{"data":[{"y":1}]}';

$s->print("PUT /crm/v8/Leads/2 HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n"
          . 'Content-Length: ' . length($body) . "\r\n\r\n" . substr $body, 0, 5);
$s->flush;
wait_for { logged(qr/runs revision \d+ from the state file/) } 'the file';

my $before = asked();
rude();
wait_for { asked() >= $before + 3 } 'Redis to be asked for it again and again';

$s->print(substr $body, 5);
$s->flush;
my $answer = join '', <$s>;
like($answer, qr/^HTTP\/1\.1 200 /, 'a write under way goes on');
is(change()->{status}, 404, 'the next one: there is no such organisation');
redis('SADD', 'crm:orgs', 'acme');
stop_nginx();


# --- nginx -t ------------------------------------------------------------------------------

sub refused {
    my ($state, $like, $what, %o) = @_;

    my $n = Test::CRM::Nginx->new(root => work_dir() . '/check', name => 'check', fresh => 1);

    $n->write_config(Test::CRM::nginx_text(free_port(), work_dir() . '/check', workers => 1, main => '',
        log_level => 'info', extra => '', http => ($o{redis} // "crm_redis unix:/x;") . "\n$state\n", server => '')
        =~ s/user root;/$o{user} || 'user root;'/er);

    my ($failed, $said) = $n->start_must_fail;

    ok($failed, "$what is refused");
    like($said, $like, "$what: and why");
}

refused("crm_state_file /nowhere/at/all/rules;", qr/there is no folder "\/nowhere\/at\/all"/, 'no folder');
refused("crm_state_file $file/rules;", qr/no folder/, 'a file as folder');
refused("crm_state_file $dir/;", qr/names no file; write/, 'no name');
refused('crm_state_file "";', qr/names no file; write/, 'an empty name');
refused("crm_state_file a; crm_state_file b;", qr/is duplicate/, 'two of them');
refused("crm_state_file $dir/" . 'x' x 200 . ';', qr/too long a path/, 'a long name');
refused("crm_state_file $path;", qr/needs crm_redis/, 'no Redis', redis => '');

if ($> == 0) {
    chmod 0755, work_dir();
    refused("crm_state_file $path;", qr/may write to; give it to user "nobody"/, "a folder of another user",
        user => "user nobody nogroup;");
}

done_testing();
