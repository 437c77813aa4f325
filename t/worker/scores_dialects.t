# Stored records of backends that are not the vendor's are counted anew, page by
# page, as their dialect lists them: by the id of the last record or by how many
# there were. It would fail by a record that is passed over because a page was
# shorter than asked for, by one that is written twice, or by reading the first
# page for ever where a backend does not know where the next one begins.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::More;
use Test::CRM;
use Test::CRM::Chain;
use Test::CRM::Jobs qw(key dead);
use Test::CRM::Player;

use constant N => 23;

redis_start();

my $key = chain_key_file();
my $rules = <<'EOT';
kind: scoring_rule
name: Fit
module: MODULE
write_to: { score: score }
field_rules:
  - { score: 10, criteria: { field: rating, comparator: equal, value: Hot } }
  - { score: -4, criteria: { field: size, comparator: less_than, value: 3 } }
---
kind: backend
url: http://127.0.0.1:9
dialect: DIALECT
headers: HEADERS
EOT

# A file of one's own, that goes by how many records there were.
my $ours = {
    name => 'ours',
    routes => [
        { match => { methods => ['POST'], path => '{module}' }, op => 'create', record => '' },
        { match => { methods => ['PATCH'], path => '{module}/{id}' }, op => 'update', record => '' },
    ],
    new_id => ['body:/id'],
    get => { path => '{module}/{id}', missing => ['404'] },
    patch => { method => 'PATCH', path => '{module}/{id}', body => '{fields_json}' },
    list => { path => '{module}?_start={offset}&_limit=200&_order=asc', records => '/*' },
    errors => { default => {} },
};
my $file = spew(work_dir() . '/ours.json', json_encode($ours));

my @rows = (
    { kind => 'json-server', module => 'deals', location => '/api/', base => '/api' },
    { kind => 'espocrm', module => 'Lead', location => '/api/v1/', base => '/api/v1',
      headers => '{ X-Api-Key: "env:CRM_KEY" }', id => sub { sprintf 'a%03d', $_[0] } },
    { kind => 'directus', module => 'deals', location => '/', base => '/items',
      headers => '{ Authorization: "env:CRM_KEY" }' },
    { kind => 'rest', module => 'deals', location => '/api/', base => '/api', dialect => 'ours', file => $file },
);


# Each has half of what it asks for: the right score already, or none.
sub stored {
    my ($row) = @_;

    my %want;

    for my $i (1 .. N) {
        my $id = $row->{id} ? $row->{id}->($i) : $i;
        my $want = ($i % 2 ? 10 : 0) - ($i % 5 ? 0 : 4);

        $want{$id} = $want;
        play_seed($row->{module}, $id, { id => $row->{id} ? $id : $i, rating => $i % 2 ? 'Hot' : 'Cold',
            size => $i % 5 ? 9 : 2, other => 'x', $i % 3 ? () : (score => $want) });
    }

    return \%want;
}

sub begin {
    my ($row) = @_;

    my $dialect = $row->{dialect} || $row->{kind};
    my $text = $rules =~ s/MODULE/$row->{module}/gr =~ s/DIALECT/$dialect/r
        =~ s/HEADERS/$row->{headers} || '{}'/er;

    $text .= "---\n" . json_encode({ %$ours, kind => 'dialect' }) . "\n" if $row->{file};
    redis('FLUSHALL');
    crm_rules($text);
    play($row->{kind}, location => $row->{location}, extra => "crm_chain_key_file $key;",
         $row->{file} ? (dialect => $row->{file}) : ());
}

sub run {
    my ($row) = @_;

    my $r = crmctl('scores', 'run', $row->{module});

    is($r->{rc}, 0, "$row->{kind}: it begins") or diag $r->{err};
    $r = worker_once({ CRM_KEY => 'k' }, '--secret-env', 'CRM_KEY', '--chain-key-file', $key,
                     '--backend', 'http://127.0.0.1:' . nginx_port() . $row->{base});
    is($r->{rc}, 0, 'the worker') or diag $r->{err};

    return json_decode(crmctl('scores', 'status', '-o', 'json')->{out})->{scores}[0];
}


for my $row (@rows) {
    begin($row);

    my $want = stored($row);

    play_crm(POST => '/__cap?page=7');

    my $told = run($row);

    is($told->{state}, 'done', 'it is done') or diag explain [ dead() ];
    is($told->{seen}, N, 'each record was seen, though pages held seven');

    my %writes;
    $writes{ ($_->{target} =~ m{/([^/]+)$})[0] }++ for play_writes();

    my @wrong = grep {
        my $r = play_record($row->{module}, $_);
        ($r->{score} || 0) != $want->{$_} || $r->{other} ne 'x';
    } sort keys %$want;

    is("@wrong", '', 'every record has its score, and keeps the rest');
    is(scalar(grep { $_ > 1 } values %writes), 0, 'none was written twice');
    is(scalar(keys %writes), $told->{changed}, 'those that were told');
    is(scalar(grep { play_record($row->{module}, $_) && $writes{$_} } map {
        $row->{id} ? $row->{id}->(3 * $_) : 3 * $_ } 1 .. N / 3), 0, 'what was right already was left alone');
    is_deeply([ dead() ], [], 'no job has failed');

    # --- a backend that does not know where a page begins

    play_crm(POST => '/__cap?page=7&deaf=1');
    next if $row->{file};

    $told = run($row);
    is($told->{state}, 'running', 'where the first page comes again and again it does not end');
    is($told->{seen}, 7, 'nor count it again');
    like(redis('HGET', key("job:scores:$row->{module}"), 'error') || '', qr/not with records that come next/,
         'and it is told why') or diag explain redis('HGETALL', key("job:scores:$row->{module}"));

    play_stop();
    nginx_stop();
}


# --- a dialect that lists none

my $rest = { kind => 'rest', module => 'deals', location => '/api/', base => '/api' };

play_stop();
nginx_stop();
begin($rest);

my $r = crmctl('scores', 'run', 'deals');

is($r->{rc}, 1, 'rest has no list: nothing begins');
like($r->{err}, qr/the backend's dialect has no way to list records/, 'and it is said why');

done_testing();
