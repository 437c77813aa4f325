# What judges changes while requests come: an organisation is taken out of the
# list and comes back, another Redis is accepted whose revision has the same
# number. Fails when an organisation that is no more goes on until nginx is started
# again, or when the rules of the Redis that is gone stay.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::More;
use Test::CRM;
use Test::CRM::Rude;

my $dir = work_dir() . '/state';

sub rules {
    my ($value) = @_;

    return <<"YAML";
kind: workflow_rule
name: sets
module: Leads
execute_when: { type: create_or_edit }
conditions: [ { criteria: null, instant_actions: [ { type: field_updates, field: Rating, value: $value } ] } ]
YAML
}

sub start {
    my (%o) = @_;

    nginx_start(%o, http => "
        crm_redis unix:@{[ rude_sock() ]} timeout=5s volatile;
        crm_org \$who;
        crm_state_file $dir/rules;
        map \$http_x_org \$who { default acme; ~^(?<named>[a-z]+)\$ \$named; }
        upstream crm_backend { server 127.0.0.1:@{[ crm_port() ]}; }");
}

sub create { return http(POST => '/crm/v8/Leads', body => '{"data":[{"Last_Name":"x"}]}', headers => [ @_ ]) }

# What a create is given by the rules that judge it, or its status.
sub given {
    my $r = create(@_);

    return $r->{status} if $r->{status} != 201;

    return json_decode(crm_record('Leads', json_decode($r->{body})->{data}[0]{details}{id}))->{Rating};
}


sub asked { my ($n) = redis('INFO', 'commandstats') =~ /^cmdstat_sismember:calls=(\d+)/m; return $n || 0 }


# --- an organisation that is no more -----------------------------------------------------

redis_start();
crm_start();
rude_start();
crm_rules(rules('One'));
start();

wait_for { given() eq 'One' } 'an organisation that a variable names';
is(given('X-Org' => 'nobody'), 404, 'one that is not listed is answered 404');

redis('SREM', 'crm:orgs', 'acme');
wait_for { given() eq '404' } 'one that is listed no longer, too';
like(create()->{body}, qr/no such organisation/, 'in words');
like(nginx()->error_log, qr/organisation "acme" is not listed any more/, 'and in the log');

crm_clear_log();
is(given(), 404, 'it stays so');
is(scalar crm_writes(), 0, 'and nothing of it is forwarded');

redis('SADD', 'crm:orgs', 'acme');
wait_for { given() eq 'One' } 'listed again it is served again';

my ($before, %given) = asked();

rude({ on => 'SISMEMBER', reply => "-LOADING Redis is loading\r\n", times => 3 });
wait_for { $given{given()} = 1; asked() > $before + 1 } 'Redis says who is listed again';
is(join(' ', keys %given), 'One', 'what was listed is served while Redis does not say');
rude();


# --- another Redis, accepted --------------------------------------------------------------

my $first = redis(GET => 'crm:{acme}:epoch');

wait_for { -e "$dir/rules.acme" } 'the state file';
is(nginx_stop(), undef, 'nginx has ended well');

redis('FLUSHALL');
crm_rules(rules('Two'));

my $second = redis(GET => 'crm:{acme}:epoch');

isnt($second, $first, 'the other Redis is another one');
is(redis(GET => 'crm:{acme}:revision'), 1, 'whose revision has the same number');
redis('HSET', 'crm:{acme}:epoch:accepted', $first, $second);

# Its bundle is not to be had at once: the state file's rules judge meanwhile.
rude({ on => 'GETRANGE', reply => "\$-1\r\n", times => 1 });
start();

wait_for { given() eq 'Two' } 'the rules of the Redis that was accepted';
is(given(), 'Two', 'they judge in the end');

done_testing();
