# What `nginx -t` says to each wrong use of crm_api and its token file. Fails when
# a mistake starts a server that lets anybody call, or calls go nowhere.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::CRM 'nginx';
use Test::Nginx::Socket 'no_plan';

our $Http = "crm_redis unix:/nowhere/redis.sock;\n";
our $Files = 0;

sub tokens {
    my ($text, $mode) = @_;

    my $file = work_dir() . '/tokens' . $Files++;

    spew($file, $text);
    chmod $mode || 0600, $file;

    return "crm_api_token_file $file;";
}

sub api { my ($options, $more, $place) = @_; return "location " . ($place || '/crm_api/') . " { crm_api $options; $more }" }

no_long_string();
run_tests();

__DATA__

=== TEST 1: crm_api without guarded=
--- http_config eval: $::Http
--- config eval: ::api('write=on', '')
--- must_die
--- error_log
crm_api: guarded= is missing



=== TEST 2: an option that nobody knows
--- http_config eval: $::Http
--- config eval: ::api('guarded=/crm/v8 read=on', '')
--- must_die
--- error_log
"read=on" is none of write=on, write=off, guarded=/PATH, auth=none



=== TEST 3: write= twice
--- http_config eval: $::Http
--- config eval: ::api('guarded=/crm/v8 write=on write=off', '')
--- must_die
--- error_log
write= is given twice



=== TEST 4: guarded= twice
--- http_config eval: $::Http
--- config eval: ::api('guarded=/crm/v8 guarded=/crm/v9', '')
--- must_die
--- error_log
guarded= is given twice



=== TEST 5: a guarded path with a slash at its end
--- http_config eval: $::Http
--- config eval: ::api('guarded=/crm/v8/', '')
--- must_die
--- error_log
guarded=/crm/v8/ is no path that begins with a slash



=== TEST 6: a guarded path with a variable
--- http_config eval: $::Http
--- config eval: ::api('guarded=/crm/$arg_x', '')
--- must_die
--- error_log
has neither variables nor escapes



=== TEST 7: a guarded path in the same location
--- http_config eval: $::Http
--- config eval: ::api('guarded=/crm_api/v8', '')
--- must_die
--- error_log
lies in this very location



=== TEST 8: a location that is no literal prefix
--- http_config eval: $::Http
--- config eval: ::api('guarded=/crm/v8', '', '~ ^/crm_api/')
--- must_die
--- error_log
it stands in a location with a literal prefix



=== TEST 9: crm_api twice
--- http_config eval: $::Http
--- config eval: ::api('guarded=/crm/v8', 'crm_api guarded=/crm/v8;')
--- must_die
--- error_log
"crm_api" directive is duplicate



=== TEST 10: nobody says who may call
--- http_config eval: $::Http
--- config eval: ::api('guarded=/crm/v8', '')
--- must_die
--- error_log
crm_api: who may call? give crm_api_token_file, or auth=none



=== TEST 11: a token file that is not there
--- http_config eval: $::Http
--- config eval: ::api('guarded=/crm/v8', 'crm_api_token_file /nowhere/tokens;')
--- must_die
--- error_log
"/nowhere/tokens" cannot be opened; it holds lines name:token:user



=== TEST 12: a token file that everybody may read
--- http_config eval: $::Http
--- config eval: ::api('guarded=/crm/v8', ::tokens("a:0123456789abcdef:1\n", 0644))
--- must_die
--- error_log
may be read or written by everybody



=== TEST 13: a token file without a token
--- http_config eval: $::Http
--- config eval: ::api('guarded=/crm/v8', ::tokens("# nobody\n\n"))
--- must_die
--- error_log
has no line name:token:user



=== TEST 14: a line that is none
--- http_config eval: $::Http
--- config eval: ::api('guarded=/crm/v8', ::tokens("# a\nx:y\n"))
--- must_die
--- error_log
line 2 is not name:token:user



=== TEST 15: a token that can be guessed
--- http_config eval: $::Http
--- config eval: ::api('guarded=/crm/v8', ::tokens("a:short:1\n"))
--- must_die
--- error_log
line 1: a token has 16 characters at least



=== TEST 16: a line without a user
--- http_config eval: $::Http
--- config eval: ::api('guarded=/crm/v8', ::tokens("a:0123456789abcdef:\n"))
--- must_die
--- error_log
line 1: name, token and user are visible ASCII



=== TEST 17: a token that is there twice
--- http_config eval: $::Http
--- config eval: ::api('guarded=/crm/v8', ::tokens("a:0123456789abcdef:1\nb:0123456789abcdef:2\n"))
--- must_die
--- error_log
line 2: name or token stands on an earlier line



=== TEST 18: proxy_pass in the same location, behind it
--- http_config eval: $::Http
--- config eval: ::api('guarded=/crm/v8 auth=none', 'proxy_pass http://127.0.0.1:9;')
--- must_die
--- error_log
crm_api: proxy_pass, or what else answers requests, stands in the same location



=== TEST 19: proxy_pass in the same location, in front of it
--- http_config eval: $::Http
--- config
location /crm_api/ { proxy_pass http://127.0.0.1:9; crm_api guarded=/crm/v8 auth=none; }
--- must_die
--- error_log
crm_api: proxy_pass, or what else answers requests, stands in the same location



=== TEST 20: limit_except and if in it
--- http_config eval: $::Http
--- config eval: ::api('guarded=/crm/v8 auth=none', 'limit_except GET { deny all; } if ($http_x_y) { set $z 1; }')
--- request
GET /crm_api/nothing
--- error_code: 404
