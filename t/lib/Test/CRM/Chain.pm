package Test::CRM::Chain;

# The chain header as crm-worker signs it, made here a second time: what nginx
# believes is what docs/directives.md says, and not what our own code happens to
# write.

use strict;
use warnings;

use Digest::SHA qw(hmac_sha256_hex sha256_hex);
use Exporter qw(import);
use MIME::Base64 qw(encode_base64url);
use Time::HiRes ();

use Test::CRM;
use Test::CRM::Process;

our @EXPORT = qw(chain_key chain_key_file chain_header chain_write);

my $serial = 0;

sub chain_key { return 'the key of these tests, 32 bytes and more' }


# A file that holds the keys (the one above), readable by us alone.

sub chain_key_file {
    my (@keys) = @_;

    my $path = work_dir() . '/chain' . ++$serial . '.key';

    spew($path, join("\n", @keys ? @keys : chain_key()) . "\n");
    chmod 0600, $path or die "$path: $!\n";

    return $path;
}


# The header of a write. Of %o: method, target, body, which it is bound to; job
# attempt expires id depth fired cascade ignore_lock transition stay org
# key.

sub chain_header {
    my %o = (org => crm_org(), attempt => 1, key => chain_key(),
             job => 'job' . ++$serial, id => '01JD0000000000000000000000',
             depth => 1, fired => ['elsewhere'],
             expires => int(Time::HiRes::time() * 1000) + 50_000, @_);

    my $json = json_encode({
        org => $o{org}, method => $o{method}, target => $o{target},
        body => sha256_hex($o{body}), job => $o{job},
        attempt => 0 + $o{attempt}, expires => 0 + $o{expires},
        chain => { id => $o{id}, depth => 0 + $o{depth}, fired => $o{fired},
                   cascade => $o{cascade} ? JSON::PP::true : JSON::PP::false,
                   ignore_lock => $o{ignore_lock} ? JSON::PP::true
                                                  : JSON::PP::false,
                   map { $_ => $o{$_} } grep { defined $o{$_} }
                       qw(transition stay) },
    });

    my $text = 'v1.' . encode_base64url($json);

    return "$text." . hmac_sha256_hex($text, $o{key});
}


# chain_write(PUT => TARGET, BODY, as above ..): sends it, signed.

sub chain_write {
    my ($method, $target, $body, %o) = @_;

    return http($method, $target, body => $body, timeout => 20,
                headers => [ 'CRM-Chain', chain_header(method => $method,
                             target => $target, body => $body, %o) ]);
}


1;
