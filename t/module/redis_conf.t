# What `nginx -t` says to each wrong crm_redis and crm_zone. No Redis and no
# network is asked. Fails when a mistake starts a server that does not guard, or
# when its message does not help.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::CRM 'nginx';
use Test::CRM::Guarded;
use Test::More;
use Test::Nginx::Socket 'no_plan';

no_long_string();
run_tests();

__DATA__

=== TEST 1: crm_redis is given twice
--- http_config
crm_redis unix:/a;
crm_redis unix:/b;
upstream crm_backend { server 127.0.0.1:9; }
--- config eval: main::guarded()
--- must_die
--- error_log
"crm_redis" directive is duplicate



=== TEST 2: crm_redis needs an address
--- http_config
crm_redis;
upstream crm_backend { server 127.0.0.1:9; }
--- config eval: main::guarded()
--- must_die
--- error_log
invalid number of arguments in "crm_redis" directive



=== TEST 3: crm_redis knows two kinds of address
--- http_config
crm_redis http://127.0.0.1;
upstream crm_backend { server 127.0.0.1:9; }
--- config eval: main::guarded()
--- must_die
--- error_log
crm_redis: 



=== TEST 4: crm_redis takes a port that is one
--- http_config
crm_redis redis://127.0.0.1:99999;
upstream crm_backend { server 127.0.0.1:9; }
--- config eval: main::guarded()
--- must_die
--- error_log
crm_redis: 



=== TEST 5: crm_redis takes a database that is a number
--- http_config
crm_redis redis://127.0.0.1/first;
upstream crm_backend { server 127.0.0.1:9; }
--- config eval: main::guarded()
--- must_die
--- error_log
crm_redis: 



=== TEST 6: a password does not stand in crm_redis
--- http_config
crm_redis redis://user:secret@127.0.0.1;
upstream crm_backend { server 127.0.0.1:9; }
--- config eval: main::guarded()
--- must_die
--- error_log
crm_redis: 



=== TEST 7: crm_redis has a time
--- http_config
crm_redis unix:/a timeout=soon;
upstream crm_backend { server 127.0.0.1:9; }
--- config eval: main::guarded()
--- must_die
--- error_log
crm_redis: "timeout=soon" is no time; write timeout=500ms



=== TEST 8: crm_redis has a time above zero
--- http_config
crm_redis unix:/a timeout=0;
upstream crm_backend { server 127.0.0.1:9; }
--- config eval: main::guarded()
--- must_die
--- error_log
crm_redis: "timeout=0" is no time; write timeout=500ms



=== TEST 9: crm_redis has no other parameter
--- http_config
crm_redis unix:/a db=1;
upstream crm_backend { server 127.0.0.1:9; }
--- config eval: main::guarded()
--- must_die
--- error_log
crm_redis: unknown parameter "db=1"; it takes timeout=, password_file= and volatile



=== TEST 10: a password file that is not there
--- http_config
crm_redis unix:/a password_file=/nowhere/password;
upstream crm_backend { server 127.0.0.1:9; }
--- config eval: main::guarded()
--- must_die
--- error_log
cannot be opened (2)



=== TEST 11: an empty password file
--- http_config
crm_redis unix:/a password_file=$TEST_NGINX_SERVROOT/html/empty;
upstream crm_backend { server 127.0.0.1:9; }
--- config eval: main::guarded()
--- user_files
>>> empty

--- must_die
--- error_log
must begin with a line of at most 1000 bytes



=== TEST 12: a Redis host that nobody knows
--- http_config
crm_redis redis://no-such-host.invalid;
upstream crm_backend { server 127.0.0.1:9; }
--- config eval: main::guarded()
--- must_die
--- error_log
crm_redis: host "no-such-host.invalid"



=== TEST 13: crm_redis stands in http
--- http_config eval: $::Http
--- config eval: 'crm_redis unix:/b;' . main::guarded()
--- must_die
--- error_log
"crm_redis" directive is not allowed here



=== TEST 14: crm_zone is given twice
--- http_config
crm_redis unix:/a;
crm_zone size=1m;
crm_zone size=1m;
upstream crm_backend { server 127.0.0.1:9; }
--- config eval: main::guarded()
--- must_die
--- error_log
"crm_zone" directive is duplicate



=== TEST 15: crm_zone has a size
--- http_config
crm_redis unix:/a;
crm_zone 1m;
upstream crm_backend { server 127.0.0.1:9; }
--- config eval: main::guarded()
--- must_die
--- error_log
crm_zone: unknown parameter "1m"; write size=1m



=== TEST 16: crm_zone has a size that is one
--- http_config
crm_redis unix:/a;
crm_zone size=big;
upstream crm_backend { server 127.0.0.1:9; }
--- config eval: main::guarded()
--- must_die
--- error_log
crm_zone: "size=big" is no size of at least



=== TEST 17: crm_zone is large enough
--- http_config
crm_redis unix:/a;
crm_zone size=8k;
upstream crm_backend { server 127.0.0.1:9; }
--- config eval: main::guarded()
--- must_die
--- error_log
crm_zone: "size=8k" is no size of at least



=== TEST 18: crm_redis takes an address of IPv6, whether or not somebody listens there
--- http_config
crm_redis redis://[::1]:9 timeout=100ms;
upstream crm_backend { server 127.0.0.1:9; }
--- config eval: main::guarded() . 'location = /up { return 204; }'
--- request
GET /up
--- error_code: 204



=== TEST 19: crm_redis with a user, who cannot log in without a password
--- http_config
crm_redis redis://bob@127.0.0.1:9;
upstream crm_backend { server 127.0.0.1:9; }
--- config eval: main::guarded()
--- must_die
--- error_log
crm_redis: who is "bob"? give password_file=
