# What a function may do to the world beside reading and writing a record: many
# records, relations, leads, files, mails, variables, whatever invokeurl has
# keys for. It would fail by an effect that a repeated run makes twice, by a
# mail that a rule's action could not send, or by a credential that a script
# leads elsewhere.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use MIME::Base64;
use Test::More;
use Test::CRM;
use Test::CRM::Chain;
use Test::CRM::Jobs qw(key dead);
use Test::CRM::Mail;

plan skip_all => 'a function is /proc/self/exe, which is memcheck here' if $ENV{CRM_TEST_VALGRIND};

redis_start();
crm_start();
receiver_start();
relay_start();

my $base = receiver_url();

# Each is the script of a rule: Stage is its name. What it leaves in `result`
# is written to the deal.
my %script = (
    upserts => <<'EOT',
result = zoho.crm.upsert("Leads", {"Last_Name": "Ada", "Email": "ada@x.test"}, {"duplicate_check_fields": {"Email"}});
again = zoho.crm.upsert("Leads", {"Last_Name": "Lovelace", "Email": "ada@x.test"}, {"duplicate_check_fields": {"Email"}});
if (again.get("id") != result.get("id")) { throw "made twice"; }
EOT
    bulks => <<'EOT',
made = zoho.crm.bulkCreate("Tasks", {{"Subject": "a"}, {"Subject": "b"}, {"Subject": "c"}});
changes = List();
for each m in made { changes.add({"id": m.get("id"), "Done": true}); }
changes.add({"id": "999", "Done": true});
written = zoho.crm.bulkUpdate("Tasks", changes);
result = {made.size(), written.size(), written.get(3).get("code")};
EOT
    relates => <<'EOT',
zoho.crm.updateRelatedRecord("Contacts", "21", "Accounts", "20", {"Role": "boss"});
result = zoho.crm.getRelatedRecords("Contacts", "Accounts", "20").get(0).get("Role");
EOT
    converts => 'result = zoho.crm.convertLead("30", {"overwrite": true}).get("Accounts").get("id");',
    attaches => <<'EOT',
file = "line 1\nline 2".toFile("note \"1\".txt");
result = zoho.crm.attachFile("Accounts", "20", file).get("id") + " " + file.getFileSize();
EOT
    mails => <<'EOT',
sendmail
[
    from: "crm@x.test"
    to: "a@x.test, b@x.test"
    cc: {"c@x.test"}
    subject: "deal " + id
    message: "<p>won</p>"
]
result = "sent";
EOT
    breaks_line => <<'EOT',
try { sendmail [ from: "crm@x.test" to: "a@x.test" subject: "a\nBcc: e@x.test" message: "x" ] }
catch (e) { result = e.message; }
EOT
    bad_to => <<'EOT',
try { sendmail [ from: "crm@x.test" to: "a@x.test\r\nBcc: e@x.test" subject: "a" message: "x" ] }
catch (e) { result = e.message; }
EOT
    bad_key => <<'EOT',
try { sendmail [ from: "crm@x.test" to: "a@x.test" subject: "a" message: "x" answer to: "q@x.test" ] }
catch (e) { result = e.message; }
EOT
    encloses => <<'EOT',
bill = ("line 1\n" + "x".repeat(200)).toFile("bill.pdf", "application/pdf");
note = "ü".toFile("Größe \"1\"\n.txt", "text/plain\r\nBcc: e@x.test");
sendmail
[
    from: "crm@x.test"
    reply to: "boss@x.test"
    to: "a@x.test, b@x.test"
    subject: "bill"
    message: "see there"
    Attachments: file: bill, file: note
]
result = "sent";
EOT
    encloses_list => <<'EOT',
sendmail [ from: "crm@x.test" to: "a@x.test" subject: "s" message: "<p>m</p>" attachments: {"a".toFile("a.txt"), "".toFile("b.txt")} ]
result = "sent";
EOT
    no_file => <<'EOT',
try { sendmail [ from: "crm@x.test" to: "a@x.test" subject: "s" message: "m" attachments: file: "text" ] }
catch (e) { result = e.lineNo + ": " + e.message; }
EOT
    too_many_files => <<'EOT',
all = List();
for each x in "a,".repeat(11).toList(",") { all.add(x.toFile("x.txt")); }
try { sendmail [ from: "crm@x.test" to: "a@x.test" subject: "s" message: "m" attachments: all ] }
catch (e) { result = e.message; }
EOT
    large_files => <<'EOT',
half = "x".repeat(300000).toFile("half.txt");
try { sendmail [ from: "crm@x.test" to: "a@x.test" subject: "s" message: "m" attachments: file: half, file: half ] }
catch (e) { result = e.message; }
EOT
    large_for_many => <<'EOT',
half = "x".repeat(400000).toFile("half.txt");
to = List();
for each index i in "a,".repeat(40).toList(",") { to.add("a" + i + "@x.test"); }
try { sendmail [ from: "crm@x.test" to: to subject: "s" message: "m" attachments: half ] }
catch (e) { result = e.message; }
EOT
    bad_reply => <<'EOT',
try { sendmail [ from: "crm@x.test" to: "a@x.test" reply to: "nobody\r\nBcc: e@x.test" subject: "s" message: "m" ] }
catch (e) { result = e.message; }
EOT
    counts => <<'EOT',
n = zoho.crm.getOrgVariable("runs") + 1;
zoho.crm.setOrgVariable("runs", n);
result = n;
EOT
    ill_typed => <<'EOT',
try { zoho.crm.setOrgVariable("runs", "many"); } catch (e) { result = e.message; }
EOT
    unknown_variable => 'try { zoho.crm.getOrgVariable("nope"); } catch (e) { result = e.message; }',
    who => 'result = zoho.loginuser + " " + zoho.loginuserid;',
    connects => <<EOT,
answer = invokeurl [ url: "$base/with" type: GET connection: "books" ];
result = "asked";
EOT
    strays => <<EOT,
try { invokeurl [ url: "http://127.0.0.1.x.test/with" type: GET connection: "books" ]; }
catch (e) { result = e.message; }
EOT
    uploads => <<EOT,
invokeurl [ url: "$base/up" type: POST parameters: {"kind": "note"} files: {"abc".toFile("a.txt"), "def".toFile("b.txt")} ];
result = "up";
EOT
    downloads => <<EOT,
file = invokeurl [ url: "$base/down/report.pdf?x=1" response-format: "FILE" ];
result = file.getFileName() + " " + file.getFileSize() + " " + file.isFile();
EOT
    as_text => <<EOT,
answer = invokeurl [ url: "$base/text" response-format: "TEXT" ];
result = answer.length();
EOT
    latin => <<EOT,
result = invokeurl [ url: "$base/latin" response-decoding: "ISO-8859-1" ];
EOT
    heads => <<EOT,
answer = invokeurl [ url: "$base/head" type: HEAD parameters: {"a": 1} detailed: true ];
result = answer.get("responseCode") + " " + answer.get("responseText").length();
EOT
    heads_with => <<EOT,
try { invokeurl [ url: "$base/head" type: HEAD body: {"a": 1} ]; } catch (e) { result = e.message; }
EOT
    anchors => <<EOT,
a = invokeurl [ url: "$base/list?x=1#top" parameters: {"a": 1} detailed: true ];
b = invokeurl [ url: "$base/list?#top" parameters: {"a": 1} detailed: true ];
c = invokeurl [ url: "$base/list#?top" parameters: {"a": 1} detailed: true ];
d = invokeurl [ url: "$base/list" parameters: Map() detailed: true ];
result = "asked";
EOT
    own_headers => <<EOT,
invokeurl [ url: "$base/own" type: POST body: "a=1" content-type: "text/x-key" headers: {"content-type": "text/x-own", "idempotency-key": "mine", "X-Blank": " ", "X-Empty": ""} ];
invokeurl [ url: "$base/own" type: POST files: "abc".toFile("a.txt") content-type: "multipart/form-data" headers: {"Content-Type": "multipart/form-data"} ];
result = "asked";
EOT
    odd_headers => <<EOT,
result = "";
for each name in {"X;Y", "X Y", "X(Y", "X\\Y", "", "Host"} {
    try { invokeurl [ url: "$base/odd" type: POST body: "b" headers: {name: "v"} ]; result = result + "sent;"; }
    catch (e) { result = result + "cannot;"; }
}
for each value in {"a\r\nX-Bad: 1", "a\nX-Bad: 1"} {
    try { invokeurl [ url: "$base/odd" type: POST body: "b" headers: {"X": value} ]; result = result + "sent;"; }
    catch (e) { result = result + "cannot;"; }
}
EOT
    partly => <<'EOT',
try { result = zoho.crm.bulkUpdate("Tasks", {{"id": id, "Done": true}, {"id": "9" + id, "Done": true}}).size(); }
catch (e) { result = e.message; }
EOT
    misspells => 'try { invokeurl [ url: "http://x.test/" typo: 1 ]; } catch (e) { result = e.message; }',
    html => <<'EOT',
try { zoho.crm.updateRecord("Accounts", id, {"x": 1}); }
catch (e) { result = e.lineNo + ": " + e.message; }
EOT
);

sub rules {
    my ($runs) = @_;
    my ($rules, $files) = ('', '');

    for my $name (sort keys %script) {
        $files .= ">>> $name.dg\nresult = null;\n$script{$name}\n"
                . "zoho.crm.updateRecord(\"Deals\", id, {\"Result\": result.toString()});\n";
        $rules .= <<"EOT";
---
kind: function
name: $name
file: $name.dg
arguments: [ { name: id, type: text } ]
---
kind: workflow_rule
name: $name
module: Deals
execute_when: { type: edit }
conditions:
  - criteria: { field: Stage, comparator: equal, value: $name }
    instant_actions: [ { type: functions, name: $name, arguments: { id: "\${!Deals.id}" } } ]
EOT
    }

    crm_rules(">>> rules.yaml\n" . <<"EOT" . "$rules$files");
kind: variable
api_name: runs
type: integer
value: $runs
---
kind: profile
name: Standard
---
kind: user
id: "77"
name: Zoe
profile: Standard
email: zoe\@x.test
EOT
}

rules(10);

my $key = chain_key_file();
my $secrets = work_dir() . '/secrets';

mkdir $secrets;
spew("$secrets/books.connection", "$base Authorization: Bearer s3cret\n");
chmod 0600, "$secrets/books.connection";

nginx_start(extra => "crm_chain_key_file $key;");

my @worker = ('--backend', guarded_url(), '--chain-key-file', $key,
              '--allow-private', '127.0.0.0/8', '--secrets', $secrets, '--smtp', relay_url(),
              '--smtp-tls', 'none');

sub queued { return redis('LLEN', key("queue:$_[0]")) }

sub begin {
    my ($n, $name) = @_;

    return http(PUT => "/crm/v8/Deals/$n", headers => [ 'X-CRM-User' => '77' ],
                body => qq({"data":[{"Stage":"$name"}]}))->{status};
}

sub drain {
    wait_for {
        my $r = worker_once(@worker);

        die "crm-worker: exit $r->{rc}\n$r->{err}" if $r->{rc};
        queued('functions') + queued('emails') + redis('ZCARD', key('delayed'))
            + redis('ZCARD', key('lease')) == 0;
    } 'the functions have their end', 30;
}

my $n = 0;

sub run {
    my ($name) = @_;

    crm_seed('Deals', ++$n, '{}');
    is(begin($n, $name), 200, "$name: the rule fires");
    drain();

    my @dead = dead();

    diag explain $dead[-1]{reason} if @dead;
    redis('DEL', key('dead'));

    return json_decode(crm_record('Deals', $n))->{Result};
}

crm_seed('Accounts', 20, '{"Account_Name":"Acme"}');
crm_seed('Contacts', 21, '{"Account_Name":{"id":"20","name":"Acme"}}');
crm_seed('Leads', 30, '{"Last_Name":"Byron","Company":"Acme"}');

like(run('upserts'), qr/"id":"\d+"/, 'an upsert tells the id');
is(run('bulks'), '[3,4,"INVALID_DATA"]', 'many are made and changed, each with its own answer');
is(run('relates'), 'boss', 'a related record is changed, and read');

{
    my $id = run('converts');


    is(json_decode(crm_record('Accounts', $id))->{Account_Name}, 'Acme', 'a lead becomes an account');
}

like(run('attaches'), qr/^\d+ 13\z/, 'a file is attached');
{
    my ($r) = grep { $_->{target} =~ /Attachments/ } crm_writes();

    like($r->{header}{'content-type'}, qr{^multipart/form-data; boundary=}, 'as a form');
    like($r->{body}, qr/filename="note _1_\.txt"\r\nContent-Type: text\/plain\r\n\r\nline 1\nline 2\r\n/,
         'whose headers no name breaks');
}

is(run('mails'), 'sent', 'a mail is sent');
is(join(' ', sort map { @{ $_->{to} } } mails()), 'a@x.test b@x.test c@x.test', 'one to each');
is((mails())[0]{headers}{subject}, "deal $n", 'as it was written');
mails_reset();
like(run('breaks_line'), qr/one line/, 'a subject of two lines is refused');
like(run('bad_to'), qr/no address/, 'and an address that is none');
like(run('bad_key'), qr/knows no "answer to"/, 'and a key that sendmail has not');
like(run('no_file'), qr/^2: sendmail: an attachment is no FILE/, 'an attachment that is no file');
like(run('too_many_files'), qr/more than 10 attachments/, 'too many of them');
like(run('large_files'), qr/attachments are larger than 512 KiB/, 'too large ones');
like(run('large_for_many'), qr/too large for so many recipients: 16 MiB/, 'and such as are too large for so many');
like(run('bad_reply'), qr/reply to must be an address/, 'and an address to reply to that is none');
is(scalar mails(), 0, 'they went nowhere');

is(run('encloses'), 'sent', 'a mail has attachments');
{
    my @mails = mails();
    my ($m) = @mails;
    my $bill = "line 1\n" . 'x' x 200;

    is(scalar @mails, 2, 'to each of two');
    is($m->{headers}{'reply-to'}, 'boss@x.test', 'with an address to reply to');
    is($m->{type}, 'multipart/mixed', 'text and files');
    is_deeply($m->{parts}, [ { type => 'text/plain', text => "see there\n" },
                             { type => 'application/pdf', file => 'bill.pdf', base64 => encode_base64($bill, '') },
                             { type => 'application/octet-stream', file => "Gr\x{f6}\x{df}e \"1\"\n.txt",
                               base64 => encode_base64("\xc3\xbc", '') } ], 'as they were made') or diag explain $m->{parts};
    is_deeply($m->{defects}, [], 'without a defect');
    unlike($m->{raw}, qr/^Bcc/mi, 'and without a line that a name has added');
    is(scalar(grep { length > 78 } split /\r\n/, $m->{raw}), 0, 'in lines that are short');
}
mails_reset();
is(run('encloses_list'), 'sent', 'a list of files');
is_deeply([ map { $_->{file} // $_->{type} } @{ (mails())[0]{parts} } ], [ 'text/html', 'a.txt', 'b.txt' ],
          'goes with HTML, one of them empty');
mails_reset();

# Jobs of others, that hold what no function would send.
for my $case (
    [ files => 'x', qr/files must be a list/ ],
    [ files => ['x'], qr/list of objects/ ],
    [ files => [ { name => 'a', base64 => '*' } ], qr/base64 of action\.files/ ],
    [ files => [ { name => '', base64 => 'YQ==' } ], qr/name of action\.files/ ],
    [ files => [ map { { name => 'a', base64 => 'YQ==' } } 1 .. 11 ], qr/more than 10/ ],
    [ files => [ { name => 'a', base64 => 'YWFh' x 180_000 } ], qr/512 KiB/ ],
    [ reply_to => "a\r\nBcc: e\@x.test", qr/reply_to is no address/ ],
) {
    my ($member, $value, $why) = @$case;
    my $id = push_mail(foreign => 1, $member => $value);

    drain();
    like((grep { $_->{job}{id} eq $id } dead())[0]{reason} // 'sent', qr/^malformed_job: .*$why/, "a job with such $member is dead");
    redis('DEL', key('dead'));
}
is(scalar mails(), 0, 'and not sent');

is(run('counts'), '11', 'a variable is read and set');
is(run('counts'), '12', 'what is set is read by the next');
rules(10);
is(run('counts'), '13', 'rules that say the same change nothing');
rules(20);
is(run('counts'), '21', 'rules that say otherwise do');
like(run('ill_typed'), qr/runs is of type integer/, 'a value of another type is refused');
like(run('unknown_variable'), qr/no variable nope/, 'and a variable that no rule knows');
is(run('who'), 'Zoe zoe@x.test', 'who caused it, by name and mailbox');

run('connects');
is((hooks())[-1]{header}{authorization}, 'Bearer s3cret', 'a connection lends its header');
like(run('strays'), qr/for another address/, 'to nobody else');

run('uploads');
like((hooks())[-1]{body}, qr/name="kind"\r\n\r\nnote\r\n.*filename="a\.txt".*abc.*filename="b\.txt".*def/s,
     'files and fields go as one form');

hooks_reset();
hooks_answer(body => "\xff\x00\x01");
is(run('downloads'), 'report.pdf 3 true', 'an answer may be a file, of any bytes');
hooks_reset();
hooks_answer(body => '{"a":1}');
is(run('as_text'), '7', 'or stay a text');
hooks_reset();
hooks_answer(body => "caf\xe9");
is(run('latin'), "caf\x{e9}", 'or be decoded') or diag explain [ hooks() ];
hooks_reset();
hooks_answer(body => 'x' x 1000);
is(run('heads'), '200 0', 'HEAD is answered without a body, whose length is told');
{
    my ($hook) = hooks();

    is("$hook->{method} $hook->{target} $hook->{body}", 'HEAD /head?a=1 ', 'and sent as it is');
    ok(!exists $hook->{header}{'content-length'}, 'with nothing behind it');
}
like(run('heads_with'), qr/HEAD has no body/, 'a body that it should have is refused');
hooks_reset();
hooks_reset();
run('anchors');
is(join(' ', map { $_->{target} } hooks()), '/list?x=1&a=1 /list?a=1 /list?a=1 /list',
   'parameters come before what only a reader has behind a #');
hooks_reset();
run('own_headers');
{
    my ($text, $form) = map { [ map { "$_->[0]: $_->[1]" } @{ $_->{headers} } ] } hooks();

    is(join('|', grep { /^(?:content-type|idempotency-key|x-)/i } @$text),
       'content-type: text/x-own|idempotency-key: mine|X-Blank: |X-Empty: ', 'a header of its own is sent once');
    like(join('|', grep { /^content-type/i } @$form), qr{^Content-Type: multipart/form-data; *boundary=[^|]+$},
         'the type of a form says where its parts end');
}
hooks_reset();
is(run('odd_headers'), 'cannot;' x 8, 'what is no header is said to be none');
is(scalar hooks(), 0, 'and not left out');
like(run('misspells'), qr/knows no "typo"/, 'a key that invokeurl has not is said');

for my $fault ([ status => 500 ], [ html => 200 ]) {
    crm_seed('Deals', ++$n, '{}');
    crm_seed('Accounts', $n, '{}');
    begin($n, 'html');
    crm_fail(fault => $fault->[0], status => $fault->[1], method => 'PUT', match => '/Accounts/', times => 1);
    drain();
    like(json_decode(crm_record('Deals', $n))->{Result}, qr/^2: the CRM/,
         "a CRM that answers $fault->[0] to a write can be caught");
}

crm_seed('Tasks', $_, '{"Subject":"a"}') for map { ($_, "9$_") } $n + 1 .. $n + 4;
is(run('partly'), '2', 'many are written');

for my $fault ([ status => 500 ], [ 'short' ], [ 'html' ]) {
    crm_seed('Deals', ++$n, '{}');
    begin($n, 'partly');
    crm_fail(fault => $fault->[0], status => $fault->[1] || 200, method => 'PUT', match => '/Tasks', times => 1, commit => 1);
    drain();
    like(json_decode(crm_record('Deals', $n))->{Result}, qr/^the CRM/,
         "what the CRM answers by @$fault is no word about each");
}

# A worker that dies while its function sends, counts and makes: whatever it
# was doing, each has been done once in the end.
{
    my $runs = json_decode(redis('HGET', key('variables'), 'runs'))->{value};

    mails_reset();

    for my $ms (0, 10, 20, 40) {
        for my $name (qw(mails counts bulks)) {
            crm_seed('Deals', ++$n, '{}');
            begin($n, $name);
        }

        my $pid = spawn(name => "worker$n", cmd => worker_command(@worker, '--lease', '2s'));

        wait_for { queued('functions') == 0 } 'the worker at work';
        select undef, undef, undef, $ms / 1000;
        kill_process($pid);
        drain();
        is(json_decode(redis('HGET', key('variables'), 'runs'))->{value}, ++$runs,
           "killed $ms ms into it: counted once");
    }

    # one whose worker died behind the relay's word comes again, as the same
    my %of = map { $_->{headers}{'message-id'} => 1 } mails();

    is(scalar keys %of, 12, 'three mails of each of four runs, and no more');

    my @tasks = grep { $_->{target} =~ m{/Tasks$} && $_->{method} eq 'POST' } crm_writes();

    is(scalar @tasks, 5, 'five runs of all have made their tasks once');
}

done_testing();
