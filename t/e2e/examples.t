# Every example of docs/directives.md runs as it stands: nginx -t takes it, put
# where it belongs. Only the module's path, the folder of state files, and files
# of passwords, keys and dialects are ours.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;
use Test::CRM;

my $page = slurp(top_dir() . '/docs/directives.md');
my $module = Test::CRM::Nginx::module();
my $password = spew(work_dir() . '/redis.password', "secret\n");
my $key = spew(work_dir() . '/chain.key', '0123456789abcdef' x 4 . "\n");
my $tokens = spew(work_dir() . '/tokens', 'crm:' . 'a1' x 16 . ":1001\n");
my $dialect = top_dir() . '/src/dialects/json-server.json';
my $states = work_dir() . '/states';
my $sock = work_dir() . '/example.sock';
my $reads = work_dir() . '/reads.sock';
my $heading = '';
my $count = 0;

chmod 0600, $key, $tokens;

# Names that belong into http, and what must then not stand there twice.
my %http = map { $_ => 1 } qw(crm_redis crm_zone crm_state_file log_format map);

while ($page =~ /^(#{2,3} ([^\n]*)\n|```nginx\n(.*?)^```$)/msg) {
    if (defined $2) {
        $heading = $2;
        next;
    }

    my $r = nginx_test(whole($3));

    $count++;
    is($r->{rc}, 0, "$heading: its example passes nginx -t")
        or diag($3, $r->{err});
}

cmp_ok($count, '>', 15, 'the page has examples');
done_testing();


# The example in its context, with what that context needs around it.

sub whole {
    my ($text) = @_;

    $text =~ s{/etc/crm/redis\.password}{$password}g;
    $text =~ s{/etc/crm/chain\.key}{$key}g;
    $text =~ s{/etc/crm/tokens}{$tokens}g;
    $text =~ s{conf/our-crm\.json}{$dialect}g;
    $text =~ s{/var/lib/nginx/crm/}{$states/}g;
    $text =~ s{/run/crm-reads\.sock}{$reads}g;
    $text =~ s{^load_module.*\n}{}m;

    return $text if $text =~ /^http \{/m;

    my ($first) = $text =~ /^(\w+)/;
    my ($http, $server, $location) = ('', '', '');

    ($http, $text) = ($1, $2)
        if $text =~ /^(map .*?^\}\n)\s*(.*)\z/ms;

    if ($http{$first} && !$http) {
        $http = $text;

    } elsif ($text =~ /^(?:location|server)/m) {
        $server = $text =~ /^server \{\n(.*)^\}/ms ? $1 : $text;

    } else {
        $location = $text;
    }

    $http .= "crm_redis unix:/run/redis/redis.sock;\n" if $http !~ /^crm_redis/m;
    $http .= "crm_org acme;\n";
    $http .= "upstream crm_backend { server 127.0.0.1:9000; }\n";

    my $guard = join '', map { "        $_;\n" }
                grep { my ($name) = /^(\w+)/; "$server\n$location" !~ /^$name\b/m }
                'crm_automation on', 'crm_dialect zoho',
                'crm_record_location /_crm_record';

    return <<"EOT";
events { }
http {
$http
server {
    listen unix:$sock;
    auth_request_set \$who \$upstream_http_x_user;
$server
    location /guarded/ {
$guard
$location
        proxy_pass http://crm_backend;
    }
}
}
EOT
}


sub nginx_test {
    my ($text) = @_;

    my $root = work_dir() . '/nginx';
    my $nginx = Test::CRM::Nginx->new(root => $root, fresh => 1);
    my $temp = join '', map { "    ${_}_temp_path $root/tmp/$_;\n" }
               qw(client_body proxy fastcgi scgi uwsgi);

    $text =~ s/^http \{\n/http {\n    access_log off;\n$temp/m;
    $nginx->write_config("load_module $module;\npid $root/logs/nginx.pid;\n$text");

    return $nginx->test_config;
}
