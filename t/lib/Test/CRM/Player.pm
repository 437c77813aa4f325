package Test::CRM::Player;

# A backend that speaks another dialect than the demo CRM's, and nginx in front
# of it:
#
#   play('espocrm', location => '/api/v1/');     player, Redis, nginx
#   play_seed('Lead', $id, { ... });  play_record('Lead', $id);  play_log();
#   play_reset();

use strict;
use warnings;

use Exporter qw(import);
use JSON::PP;

use Test::CRM;
use Test::CRM::Httpd qw(log_read);
use Test::CRM::Process;

our @EXPORT = qw(play play_nginx play_port play_seed play_record play_log
    play_writes play_reset play_fail play_crm play_stop);

my $json = JSON::PP->new->utf8->canonical->allow_nonref;
my $player = {};


# play(KIND, location =>, dialect =>, extra =>)

sub play {
    my ($kind, %o) = @_;

    my $file = work_dir() . "/player.port";

    unlink $file;
    $player->{pid} = spawn(name => 'player', cmd => [ $^X,
        top_dir() . '/t/lib/player.pl', $kind, '--port-file', $file ]);

    wait_for { -s $file || !is_alive($player->{pid}) } 'player';
    ($player->{port}) = slurp($file) =~ /(\d+)/
        or die "the player did not start:\n" . slurp(work_dir() . '/player.log');

    play_nginx($player->{port}, dialect => $kind, %o);
}


# nginx in front of whoever listens there.

sub play_nginx {
    my ($port, %o) = @_;

    my $sock = redis_sock();
    my $extra = $o{extra} || '';

    nginx_start(http => <<"EOT", server => <<"EOT2");
    upstream player { server 127.0.0.1:$port; }
    crm_redis unix:$sock volatile;
    crm_org acme;
EOT
        location $o{location} {
            crm_automation on;
            crm_dialect $o{dialect};
            crm_user \$http_x_crm_user trusted=127.0.0.1;
            crm_record_location /_crm_record;
            $extra
            proxy_pass http://player;
        }
        location /_crm_record/ {
            internal;
            proxy_pass http://player/;
        }
        location = /crm_status { crm_status; }
EOT2
}


sub play_stop { stop_process(delete $player->{pid}) }

sub play_port { return $player->{port} }


sub play_crm {
    my ($method, $path, $body) = @_;

    return http($method, $path, port => $player->{port},
                defined $body ? (body => $body) : ())->{body};
}

sub play_seed {
    my ($module, $id, $record) = @_;

    play_crm('POST', "/__seed/$module/$id", $json->encode($record));
}

sub play_record {
    my ($module, $id) = @_;

    my $r = play_crm('GET', "/__record/$module/$id");

    return $r eq '' ? undef : $json->decode($r);
}

sub play_log    { return log_read(play_crm('GET', '/__log')) }
sub play_reset  { play_crm('POST', '/__reset') }
sub play_fail   { play_crm('POST', '/__fail?how=' . ($_[0] || '')) }

sub play_writes {
    return grep { $_->{method} !~ /^(?:GET|HEAD|OPTIONS|SEARCH)$/ } play_log();
}

1;
