package Test::CRM::Mail;

# A mail relay of the test's own, and jobs of mail as commit pushes them.

use strict;
use warnings;

use Exporter qw(import);

use Test::CRM;
use Test::CRM::Jobs;
use Test::CRM::Process;

our @EXPORT = qw(relay_start relay_stop relay_url relay_answers mails
                 mails_reset push_mail mail_json mail_once certificate);

my $relay = {};
my $serial = 0;


# relay_start(args...) of t/lib/mail_sink.py; the same port again after a stop.
sub relay_start {
    my $dir = work_dir();

    unlink "$dir/relay.port";
    $relay->{pid} = spawn(name => 'relay', cmd => [ '/usr/bin/python3',
        top_dir() . '/t/lib/mail_sink.py', '--port-file', "$dir/relay.port",
        '--log', "$dir/mails.log", '--control', "$dir/relay.json",
        $relay->{port} ? ('--port', $relay->{port}) : (), @_ ]);

    wait_for { -s "$dir/relay.port" || !is_alive($relay->{pid}) } 'the relay';
    ($relay->{port}) = slurp("$dir/relay.port") =~ /(\d+)/
        or die "the relay did not start:\n" . slurp("$dir/relay.log");

    return $relay->{port};
}


sub relay_stop { stop_process(delete $relay->{pid}) }
sub relay_url  { return ($_[0] || 'smtp') . "://127.0.0.1:$relay->{port}" }


# What the relay answers: see mail_sink.py. None: it takes everything.
sub relay_answers { spew(work_dir() . '/relay.json', json_encode([@_])) }


# The mails that it was handed.
sub mails {
    my $file = work_dir() . '/mails.log';

    my @mails = -e $file ? map { json_decode($_) } split /\n/, slurp($file) : ();

    return @mails;
}


sub mails_reset { unlink work_dir() . '/mails.log'; relay_answers() }


# A key and a certificate for 127.0.0.1, signed by itself: two files.
sub certificate {
    my @files = map { work_dir() . "/relay.$_" } qw(crt key);

    my $r = run_command([ 'openssl', 'req', '-x509', '-newkey', 'ec',
        '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', 2,
        '-subj', '/CN=relay', '-addext', 'subjectAltName=IP:127.0.0.1',
        '-out', $files[0], '-keyout', $files[1] ]);

    die $r->{err} if $r->{rc};

    return @files;
}


# The text of a mail's job. %o: id and members of action.
sub mail_json {
    my %o = @_;

    my $job = json_decode(job_json(%o, type => 'email_notifications'));

    $job->{action} = { name => 'big-deal-mail', from => 'crm@example.test',
                       to => [ 'boss@example.test' ], subject => 'Hello',
                       text => 'A text.', html => undef };

    for (qw(from to reply_to subject text html files missed refused)) {
        $job->{action}{$_} = $o{$_} if exists $o{$_};
    }

    return json_encode($job);
}


# Pushes it as commit does, or, with foreign => 1, as somebody else. Its id.
sub push_mail {
    my %o = @_;

    $o{id} ||= sprintf 'mail%06d', ++$serial;
    redis('SADD', key('own'), $o{id}) unless $o{foreign};
    redis('RPUSH', key('queue:emails'), mail_json(%o));

    return $o{id};
}


sub mail_once {
    return worker_once('--smtp', relay_url(), '--smtp-tls', 'none', @_);
}

1;
