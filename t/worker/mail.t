# A mail leaves as the rule wrote it: one envelope a recipient, headers that a
# value cannot break, parts that another program reads back. Broken, people get
# no mail, or somebody else's.

use strict;
use warnings;
use utf8;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::More;
use Test::CRM;
use Test::CRM::Jobs;
use Test::CRM::Mail;

redis_start();
relay_start();


# --- one mail, read back

my $subject = 'Größe: ' . 'ein sehr langer Betreff ' x 8 . "\x{1F600} Ende";
my $text = "Zeile eins  \n.\nFrom here\r\n" . 'ü' x 100 . "\n=C3 is no code\t\nEnde";
my $html = "<p><b>Größe</b> &lt;1&gt;</p>\n";

my $id = push_mail(subject => $subject, text => $text, html => $html);
my $r = mail_once();

is($r->{rc}, 0, 'the worker drains');

my ($mail, @more) = mails();
my $h = $mail->{headers};

is(@more, 0, 'one mail arrives');
is($mail->{from}, 'crm@example.test', 'from the address of the rule');
is_deeply($mail->{to}, [ 'boss@example.test' ], 'in one envelope');
is_deeply($mail->{defects}, [], 'a parser finds nothing wrong');
is($h->{subject}, $subject, 'the subject is what it was');
is($h->{'message-id'}, "<$id\@example.test>",
   'Message-ID is made of the job\'s id');
is($h->{'auto-submitted'}, 'auto-generated', 'it says that a machine wrote it');
is($h->{date}, 'Mon, 21 Sep 2026 14:13:20 +0000', 'Date is that of the job');
like($h->{from}, qr/crm\@example\.test/, 'From');
like($h->{to}, qr/boss\@example\.test/, 'To');
is($mail->{type}, 'multipart/alternative', 'the reader may choose');
is_deeply([ map { $_->{type} } @{ $mail->{parts} } ],
          [ 'text/plain', 'text/html' ], 'the text first, then the HTML');

my $want = $text =~ s/\r?\n/\n/gr;
is($mail->{parts}[0]{text}, "$want\n", 'the text is what it was, to the blank');
is($mail->{parts}[1]{text}, $html, 'and so is the HTML');
unlike($mail->{raw}, qr/[^\x09\x0a\x0d\x20-\x7e]/, 'all of it is ASCII');
ok(!(grep { length > 78 } split /\r\n/, $mail->{raw}), 'in short lines');
ok(job_gone($id), 'the job is done');


# --- one part alone

mails_reset();
push_mail(html => undef);
push_mail(text => undef, html => '<i>x</i>', subject => '');
mail_once();
is_deeply([ sort map { $_->{type} } mails() ], [ 'text/html', 'text/plain' ],
          'what has one part is that part');


# --- several recipients

mails_reset();
$id = push_mail(to => [ 'a@example.test', 'b@example.test', 'c@example.test' ],
                missed => [ 'record_owner: the rules know no such user' ]);
mail_once();
is_deeply([ map { $_->{to} } sort { $a->{to}[0] cmp $b->{to}[0] } mails() ],
          [ map { [ "$_\@example.test" ] } qw(a b c) ],
          'each recipient has an envelope of his own');
is_deeply([ map { $_->{headers}{to} } sort { $a->{to}[0] cmp $b->{to}[0] }
            mails() ],
          [ map { "$_\@example.test" } qw(a b c) ],
          'and sees nobody else in it');
is_deeply([ sort map { $_->{headers}{'message-id'} } mails() ],
          [ map { "<$id-$_\@example.test>" } 1 .. 3 ],
          'each has an id, made of the job\'s');
is(dead_reason("$id-4"),
   'malformed_job: record_owner: the rules know no such user',
   'who could not be found is seen among the dead');
ok(settled(), 'nothing is left over');

redis('SADD', key('own'), $id);
redis('RPUSH', key('queue:emails'), mail_json(id => $id, to => [ 'a@b' ]));
mails_reset();
mail_once();
is(scalar mails(), 0, 'the same job again is known');


# --- what is no mail ends visibly

mails_reset();

my @bad = (
    [ { to => [ 'Ann <ann@example.test>' ] }, qr/a recipient is no address/ ],
    [ { to => [ "a\@b\r\nRCPT TO:<c\@d>" ] }, qr/a recipient is no address/ ],
    [ { to => [ 7 ] }, qr/action\.to must be a list of addresses/ ],
    [ { to => 'a@b' }, qr/action\.to must be a list of addresses/ ],
    [ { to => [] }, qr/no_recipient/ ],
    [ { from => 'x' }, qr/action\.from is no address/ ],
    [ { subject => "a\nBcc: all\@example.test" }, qr/subject must be one line/ ],
    [ { subject => 'x' x 5000 }, qr/subject is larger than 4 KiB/ ],
    [ { text => undef }, qr/neither action\.text nor action\.html/ ],
    [ { text => 'x' x 300_000 }, qr/larger than 256 KiB/ ],
    [ { text => { a => 1 } }, qr/action\.text must be a text/ ],
    [ { refused => 'a value would break it' }, qr/a value would break it/ ],
    [ { to => [ ('a@b') x 1001 ] }, qr/more than 1000 recipients/ ],
);

$_->[2] = push_mail(%{ $_->[0] }, foreign => 1) for @bad;
redis('RPUSH', key('queue:emails'),
      mail_json(text => '@@') =~ s/\@\@/'x' x 10_000_000/er);
my $good = push_mail(subject => 'still here');
mail_once();

like(dead_reason($_->[2]) || '', $_->[1], "dead: $_->[1]") for @bad;
is((grep { $_->{reason} =~ /^larger than/ } dead()), 1,
   'a job of 10 MB is dead at the entrance');
is(join(',', map { $_->{headers}{subject} } mails()), 'still here',
   'none of it was sent, nor did it hold up the next');


# --- a day's mails

mails_reset();
redis('DEL', map { @$_ } redis('KEYS', key('mailed:*')));
my @ids = map { push_mail() } 1 .. 3;
my ($began) = @{ redis('TIME') };
mail_once('--mail-limit', 2);
my ($ended) = @{ redis('TIME') };
is(scalar mails(), 2, 'no more than the limit are sent in a day');

my ($parked) = grep { !job_gone($_) } @ids;
my $job = job_hash($parked);

is($job->{state}, 'delayed', 'the others wait');
like($job->{error}, qr/^over_quota/, 'which is said');
is($job->{attempts}, 0, 'and costs no attempt');
ok((grep { int($job->{due} / 1000) == (int($_ / 86_400) + 1) * 86_400 } $began, $ended), 'until tomorrow, as it begins')
    or diag("$job->{due} of $began to $ended");

redis('ZADD', key('delayed'), 1, $parked);
mail_once('--mail-limit', 3);
ok(job_gone($parked), 'when there is room it goes');


# --- without a relay nobody takes mail

$id = push_mail();
worker_once();
is(redis('LLEN', key('queue:emails')), 1,
   'without --smtp the mail waits for a worker that has it');
mail_once();
ok(job_gone($id), 'which then sends it');

done_testing();
