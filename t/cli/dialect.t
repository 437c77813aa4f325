# A dialect file is checked before nginx has it, and tried with a request before a
# client sends one. Were it not, the first mistake would be found by a customer.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::More;
use Test::CRM;

my $dir = work_dir();
my $shipped = top_dir() . '/src/dialects';

sub tried {
    my ($dialect, $request) = @_;

    spew("$dir/request.txt", $request);

    return crmctl('dialect', 'try', $dialect, '--request', "$dir/request.txt");
}

for my $file (glob "$shipped/*.json") {
    my $r = crmctl('dialect', 'check', $file);

    is($r->{rc}, 0, "$file is without error") or diag($r->{err});
}

{
    spew("$dir/bad.json", qq({"name": "x",\n "bogus": 1}\n));

    my $r = crmctl('dialect', 'check', "$dir/bad.json");

    is($r->{rc}, 1, 'a mistake is an error');
    like($r->{err}, qr{^\Q$dir\E/bad\.json:2:2: error: unknown key "bogus"}m, 'with its line and column');

    $r = crmctl('dialect', 'check', "$dir/bad.json", '-o', 'json');
    ok((grep { $_->{line} == 2 } @{ json_decode($r->{out})->{findings} }), 'as JSON, too');

    is(tried("$dir/bad.json", "GET /x\n\n")->{rc}, 1, 'and such a file is not tried');
}

{
    my $r = tried('rest', qq(PUT /Leads/7\nContent-Type: application/json\n\n{"Stage":"Won","Amount":19.990}\n));

    is($r->{rc}, 0, 'an update is read');
    is($r->{out}, qq(update Leads/7\n  Stage = "Won"\n  Amount = 19.990\nread first: GET /Leads/7\n),
       'with its fields, and where the record is read');

    $r = tried("$shipped/directus.json", qq(POST /items/leads\nContent-Type: application/json\n\n[{"a":1},{"a":2}]\n));
    is($r->{out}, "create leads\n  a = 1\ncreate leads\n  a = 2\n", 'several records are told one by one');

    $r = tried('zoho', qq(DELETE /v8/Leads?ids=5,6\n\n));
    is($r->{out}, "delete Leads/5\ndelete Leads/6\nread first: GET /v8/Leads?ids=5,6\n", 'ids of a query');

    $r = tried('zoho', qq(POST /v8/Leads/7/actions/convert\n\n{}\n));
    is($r->{out}, "convert Leads/7\nread first: GET /v8/Leads/7\n", 'an action by its name');

    $r = tried('zoho', qq(POST /v8/__composite_requests\n\n{"__composite_requests":[{"sub_request_id":"1",)
               . qq("uri":"/crm/v8/Leads/1","method":"PUT","body":{"data":[{"A":1}]}}]}\n));
    is($r->{out}, "update Leads/1\n  A = 1\n", 'a request inside of the request');

    $r = tried('zoho', qq(POST /v8/Leads/actions/mass_update\n\n{"cvid":"9"}\n));
    is($r->{out}, "writes records that it does not name: refused where rules guard the module\n",
       'a view names no records');

    $r = tried('rest', "GET /Leads/7\n\n");
    is($r->{out}, "passes: a read, or a write that is not judged\n", 'a read passes');
}

for my $case (
    [ 'rest', "PUT /Leads/7\n\n{", 400 ],
    [ 'rest', "PUT /a/b/c\n\n{}", 404 ],
    [ 'zoho', "PUT /v8/Leads/7\nContent-Type: text/xml\n\n<a/>", 415 ],
    [ 'espocrm', "PUT /Lead/7\nContent-Encoding: gzip\nContent-Type: application/json\n\n{}", 415 ],
) {
    my ($dialect, $request, $status) = @$case;
    my $r = tried($dialect, $request);

    is($r->{rc}, 1, "$dialect: refused");
    like($r->{out}, qr/^refused: .+\nanswer:  $status /, '... as the client would be');
}

is(crmctl('dialect', 'check')->{rc}, 64, 'no file');
is(crmctl('dialect', 'mend', 'x')->{rc}, 64, 'no such subcommand');
is(crmctl('dialect', 'try', 'rest')->{rc}, 64, 'no request');
is(crmctl('dialect', 'check', "$dir/none.json")->{rc}, 1, 'a file that is not there');
is(tried('rest', "nonsense\n")->{rc}, 1, 'a request that is none');

done_testing();
