# crmctl doctor compares a dialect that is a file with the one of that name in the
# rules: nginx judges by the one, the worker writes and reads back by the other.
# Were it broken, two files of one name would go unnoticed until recovery takes
# an answer for something that it is not; or every file would seem another one.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::More;
use Test::CRM;
use Test::CRM::Player;

redis_start();

my $text = <<'EOT';
{
    "kind": "dialect", "name": "ours", "description": "for people",
    "routes": [ { "match": { "methods": ["PUT"], "path": "{module}/{id}" }, "op": "update", "record": "" } ],
    "get": { "path": "{module}/{id}", "record": "", "missing": ["404"] },
    "find": { "path": "{module}?n=50", "records": "/*", "page": 50, "created": "at" },
    "errors": { "default": { "status": 409, "body": { "why": "{message}", "\u00e4": "\u00fc/" } } }
}
EOT

my $file = spew(work_dir() . '/ours.json', $text);
my $rules = work_dir() . '/rules';

sub apply {
    my ($name, $text, @more) = @_;

    system('rm', '-rf', $rules);
    mkdir $rules or die "$rules: $!\n";
    spew("$rules/$name", $text);

    my $r = crmctl('apply', $rules, @more);

    is($r->{rc}, 0, "$name is applied") or diag($r->{err});
}

# The check's level and message, when nginx has told of itself.
sub says {
    my $r = json_decode(crmctl('doctor', '-o', 'json')->{out});

    return join '', map { "$_->{level} $_->{message}\n" } grep { $_->{check} eq 'dialects' } @{ $r->{checks} };
}

apply('ours.json', $text);
play_nginx(free_port(), dialect => $file, location => '/', extra => '');
wait_for { says() } 'nginx tells what it reads';

is(says(), "ok nginx' files say what the rules say\n", 'the same file');

(my $written = $text) =~ s/\s+/ /g;
apply('ours.json', $written =~ s/for people/for others/r =~ s/\\u00e4/ä/r);
is(says(), "ok nginx' files say what the rules say\n", 'the same, written in another way');

apply('ours.yaml', <<'EOT');
kind: dialect
name: ours
find: { created: at, path: "{module}?n=50", records: "/*", page: 50 }
get: { path: "{module}/{id}", missing: ["404"], record: "" }
errors: { default: { body: { why: "{message}", "ä": "ü/" }, status: 409 } }
routes:
  - { op: update, record: "", match: { path: "{module}/{id}", methods: [PUT] } }
EOT
is(says(), "ok nginx' files say what the rules say\n", 'the same, as YAML, in another order');

for my $change (['a path', 's/n=50/n=60/'], ['a number', 's/409/423/'], ['a key more', 's/"at"/"at", "modified": "mod"/']) {
    my $other = $text;

    eval "\$other =~ $change->[1]; 1" or die $@;
    apply('ours.json', $other);
    like(says(), qr/^FAIL \S+:\d+ judges by another file of the dialect ours than the rules hold\n$/, "another file: $change->[0]");
}

my $doctor = crmctl('doctor');

is($doctor->{rc}, 1, 'which is a failure');
like($doctor->{out}, qr/the dialect ours than the rules hold; apply the rules with the file that nginx has/, 'with what to do');

apply('ours.json', $text =~ s/"ours"/"theirs"/r, '--prune');
is(says(), '', 'of what the rules do not hold nothing is said');

is(nginx_stop(), undef, 'nginx stops, clean');

done_testing();
