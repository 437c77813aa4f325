# crmctl doctor --nginx: does the nginx of this machine take the module, can its
# workers reach Redis, are secrets secret? Fails when an operator has to find
# out from an nginx that does not start.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::More;
use Test::CRM;
use Test::CRM::Nginx;

my $dir = work_dir() . '/machine';
my $nginx = "$dir/nginx";
my $module = Test::CRM::Nginx::module();
my $root = $> == 0;

redis_start();

# nginx as this build needs it: with its sanitizers, if it has some.
{
    my %env = %{ Test::CRM::Nginx::environment(leaks => 0) };

    spew($nginx, join "\n", '#!/bin/sh', (map { "$_='$env{$_}' \\" } sort keys %env),
         'exec ' . Test::CRM::Nginx::binary() . ' "$@"', '');
    chmod 0755, $nginx;
    spew("$dir/logs/.keep", '');
}

spew("$dir/password", "secret\n");
chmod 0600, "$dir/password";


# --- as it should be --------------------------------------------------------------------

conf();

my $d = doctor();

is($d->{rc}, 0, 'a machine that is well') or diag(explain($d));
is($d->{level}{nginx}, 'ok', 'nginx takes its configuration');
is($d->{level}{module}, 'ok', 'and the module');
is($d->{level}{timeouts}, 'ok', 'and the timeouts');
is($d->{level}{shutdown}, undef, 'old workers end');
is($d->{level}{sockets}, 'ok', 'the workers reach Redis');
is($d->{level}{secrets}, 'ok', 'the password is closed to others');
like($d->{message}{secrets}, qr{^\Q$dir\E/password is closed}, 'its path is relative to the configuration');

SKIP: {
    skip 'the module is linked in', 2 if $module eq 'static';

    $d = doctor('--module', $module);
    is($d->{level}{module}, 'ok', 'a module can be tried by itself') or diag(explain($d));
    like($d->{message}{module}, qr/ fits /, 'before it is installed');
}


# --- the module -------------------------------------------------------------------------

spew("$dir/no.so", 'this is no module');
$d = doctor('--module', "$dir/no.so");
is($d->{rc}, 1, 'a file that is no module');
is($d->{level}{module}, 'FAIL', 'fails');
is_deeply([ glob '/tmp/crmctl-*' ], [], 'and no folder stays behind');

$d = doctor('--module', "$dir/nothing.so");
is($d->{level}{module}, 'FAIL', 'a file that is not there fails');

# An nginx of another version says this.
spew("$dir/other", <<'EOT');
#!/bin/sh
echo 'nginx: [warn] something else' >&2
echo 'nginx: [emerg] module "/m.so" version 1022001 instead of 1026003 in /etc/nginx/nginx.conf:1' >&2
exit 1
EOT
chmod 0755, "$dir/other";
$d = doctor('--nginx', "$dir/other");
is($d->{level}{nginx}, 'FAIL', 'a module of another nginx fails');
like($d->{message}{nginx}, qr/refuses: module "\S+" version 1022001 instead of 1026003/, "in nginx' words");
like($d->{advice}{nginx}, qr/build the module for this very nginx/, 'with what to do');

$d = doctor('--nginx', "$dir/none");
is($d->{level}{nginx}, 'FAIL', 'an nginx that is not there fails');

spew("$dir/dies", "#!/bin/sh\nkill -9 \$\$\n");
chmod 0755, "$dir/dies";
$d = doctor('--nginx', "$dir/dies");
is($d->{level}{nginx}, 'FAIL', 'one that dies fails');


# --- the configuration --------------------------------------------------------------------

conf(location => 'crm_commit_wait 90s;');
$d = doctor();
is($d->{level}{nginx}, 'FAIL', 'timeouts that do not fit fail');
like($d->{message}{nginx}, qr/crm_commit_wait .* below send_timeout/, 'because nginx says so');

conf(main => '');
$d = doctor();
is($d->{rc}, 0, 'workers that never end are no failure');
is($d->{level}{shutdown}, 'warn', 'but worth a warning');

spew("$dir/nginx.conf", "pid $dir/nginx.pid;\nevents { }\n");
$d = doctor();
is($d->{level}{nginx}, 'warn', 'a configuration that guards nothing is worth a warning');


# --- files --------------------------------------------------------------------------------

conf();
chmod 0644, "$dir/password";
$d = doctor();
is($d->{level}{secrets}, 'FAIL', 'a password that everybody may read fails');
like($d->{message}{secrets}, qr/open to every user of this machine \(mode 0644\)/, 'and its mode is told');
chmod 0600, "$dir/password";

conf(redis => "unix:$dir/nothing.sock");
is(doctor()->{level}{sockets}, 'FAIL', 'a socket that is not there fails');
conf(redis => "unix:$dir/password");
like(doctor()->{message}{sockets}, qr/is no socket/, 'a file that is none is named');

conf(redis => 'redis://127.0.0.1:6379');
is(doctor()->{level}{sockets}, undef, 'an address needs no socket');

SKIP: {
    skip 'only root may give files to others', 6 unless $root;

    my $folder = work_dir() . '/socket';

    conf(user => 'nobody nogroup');
    $d = doctor();
    is($d->{level}{sockets}, 'FAIL', 'a socket in a folder of root alone is no use to the workers');
    chmod 0711, work_dir();

    my $sock = redis_sock();

    # All of the way but the last step is open.
    my @way = map { my $n = $_; join '/', (split m{/}, $folder)[0 .. $n] }
              1 .. (split m{/}, $folder) - 2;
    my @shut = grep { !((stat $_)[2] & 1) } @way;

    mkdir $folder;
    rename $sock, "$folder/redis.sock" or die "rename: $!\n";
    symlink "$folder/redis.sock", $sock or die "symlink: $!\n";

    skip "nobody may enter $shut[0]", 5 if @shut;

    chmod 0755, $folder;
    conf(redis => "unix:$folder/redis.sock", user => 'nobody nogroup');

    chmod 0700, "$folder/redis.sock";
    $d = doctor();
    is($d->{level}{sockets}, 'FAIL', 'a socket of root alone is no use to the workers');
    like($d->{message}{sockets}, qr/^nobody, .* may not write to .* \(mode 0700\)$/, 'it is told who and what');

    chmod 0777, "$folder/redis.sock";
    is(doctor()->{level}{sockets}, 'ok', 'one that is open is');

    chmod 0700, $folder;
    $d = doctor();
    is($d->{level}{sockets}, 'FAIL', 'unless its folder is closed');
    like($d->{message}{sockets}, qr/may not enter \Q$folder\E:/, 'which is named');
}


# --- wrong use ------------------------------------------------------------------------------

for my $wrong ([qw(doctor --module /m.so)], [qw(doctor --nginx-conf /n.conf)],
               [qw(status --nginx /usr/sbin/nginx)])
{
    my $r = crmctl(@$wrong);

    is($r->{rc}, 64, "@$wrong: wrong use");
    isnt($r->{err}, '', 'and a sentence about it');
}

redis_stop();
conf(redis => 'redis://127.0.0.1:6379');
$d = doctor();
is($d->{level}{redis}, 'FAIL', 'without Redis');
is($d->{level}{nginx}, 'ok', 'nginx is looked at all the same');

done_testing();


sub conf {
    my (%o) = (main => 'worker_shutdown_timeout 3m;', location => '',
               redis => 'unix:' . redis_sock(), user => $root ? 'root' : undef, @_);
    my $load = Test::CRM::Nginx::load_module();
    my $user = defined $o{user} ? "user $o{user};" : '';
    my $temp = join '', map { "    ${_}_temp_path $dir/logs/$_;\n" }
               qw(client_body proxy fastcgi scgi uwsgi);

    spew("$dir/guarded.conf", <<"EOT");
crm_redis "$o{redis}" password_file=password; # "quoted
crm_org acme;
EOT
    spew("$dir/nginx.conf", <<"EOT");
$load$user
$o{main}
pid $dir/nginx.pid;
error_log $dir/logs/error.log;
events { }
http {
    access_log off;
$temp
    include guarded.conf;
    server {
        listen unix:$dir/nginx.sock;
        location /crm/ {
            crm_automation on;
            crm_dialect zoho;
            crm_record_location /_crm_record;
            $o{location}
            proxy_pass http://127.0.0.1:9;
        }
        location /_crm_record/ { internal; proxy_pass http://127.0.0.1:9/; }
    }
}
EOT
}


sub doctor {
    my @args = @_;

    unshift @args, '--nginx', $nginx unless grep { $_ eq '--nginx' } @args;
    push @args, '--nginx-conf', "$dir/nginx.conf" unless grep { $_ eq '--module' } @args;

    my $r = crmctl('doctor', '-o', 'json', @args);
    my %d = (rc => $r->{rc}, err => $r->{err});

    for my $c (@{ json_decode($r->{out})->{checks} }) {
        for (qw(level message advice)) {
            $d{$_}{ $c->{check} } = $c->{$_};
        }
    }

    return \%d;
}
