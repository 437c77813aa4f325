/*
 * Addresses that may be called. One range that is off by a bit, and a webhook
 * reads the cloud's metadata.
 */

#include "crm_test.h"

#include "crm_worker_guard.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/un.h>


static crm_worker_guard_t  guard;


static int
start(void **state)
{
    (void) state;
    memset(&guard, 0, sizeof(guard));
    return 0;
}


static void
fill(struct sockaddr_storage *addr, const char *text, unsigned port)
{
    struct sockaddr_in   in4;
    struct sockaddr_in6  in6;

    memset(addr, 0, sizeof(*addr));
    memset(&in4, 0, sizeof(in4));
    memset(&in6, 0, sizeof(in6));

    if (inet_pton(AF_INET, text, &in4.sin_addr) == 1) {
        in4.sin_family = AF_INET;
        in4.sin_port = htons((unsigned short) port);
        memcpy(addr, &in4, sizeof(in4));
        return;
    }

    assert_int_equal(inet_pton(AF_INET6, text, &in6.sin6_addr), 1);
    in6.sin6_family = AF_INET6;
    in6.sin6_port = htons((unsigned short) port);
    memcpy(addr, &in6, sizeof(in6));
}


static crm_worker_guard_verdict_t
check(const char *text, unsigned port)
{
    struct sockaddr_storage  addr;

    fill(&addr, text, port);

    return crm_worker_guard_check(&guard, (struct sockaddr *) &addr);
}


static void
deny(const char *text, unsigned port)
{
    struct sockaddr_storage  addr;

    fill(&addr, text, port);
    crm_worker_guard_deny(&guard, (struct sockaddr *) &addr);
}


static void
allow(const char *text)
{
    crm_error_t  err;

    assert_row(crm_worker_guard_allow(&guard, text, &err) == CRM_OK, text);
}


static void
private_and_special_addresses_are_blocked_to_the_edge(void **state)
{
    size_t  i;

    static const char *const  blocked[] = {
        "0.0.0.0", "0.255.255.255", "10.0.0.0", "10.255.255.255",
        "100.64.0.0", "100.127.255.255", "127.0.0.0", "127.0.0.1",
        "127.255.255.255", "169.254.0.0", "169.254.169.254",
        "169.254.255.255", "172.16.0.0", "172.31.255.255", "192.0.0.0",
        "192.0.0.255", "192.0.2.0", "192.0.2.255", "192.88.99.0",
        "192.88.99.255", "192.168.0.0", "192.168.255.255", "198.18.0.0",
        "198.19.255.255", "198.51.100.0", "198.51.100.255", "203.0.113.0",
        "203.0.113.255", "224.0.0.0", "239.255.255.255", "240.0.0.0",
        "255.255.255.255",
        "::", "::1", "::7f00:1", "::808:808", "::ffff:0:127.0.0.1",
        "::ffff:0:169.254.169.254", "::ffff:0:8.8.8.8", "::fffe:8.8.8.8",
        "::1:0:0:0", "0:1::", "64:ff9a:ffff::", "64:ff9b:2::", "ff:ffff::",
        "100:0:0:1::", "1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "4000::",
        "5eff:ffff::", "5f01::", "8000::", "fbff::", "2001:1::1",
        "2001:2::1", "2001:10::1", "2001:20::1", "2001:1ff:ffff::",
        "::ffff:127.0.0.1", "::ffff:10.0.0.1",
        "::ffff:169.254.169.254", "64:ff9b::1", "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::", "64:ff9b:1:ffff:ffff:ffff:ffff:ffff", "100::",
        "100::ffff:ffff:ffff:ffff", "2001::",
        "2001:0:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db8::",
        "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", "2002::",
        "2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "3fff::",
        "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff", "5f00::",
        "5f00:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "fc00::",
        "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "fe80::",
        "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "fec0::",
        "feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "ff00::", "ff02::1",
        "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"
    };

    (void) state;

    for (i = 0; i < sizeof(blocked) / sizeof(blocked[0]); i++) {
        assert_row(check(blocked[i], 443) == CRM_WORKER_GUARD_BLOCKED,
                   blocked[i]);
    }
}


static void
their_neighbours_are_not(void **state)
{
    size_t  i;

    static const char *const  open[] = {
        "1.0.0.0", "9.255.255.255", "11.0.0.0", "100.63.255.255",
        "100.128.0.0", "126.255.255.255", "128.0.0.0", "169.253.255.255",
        "169.255.0.0", "172.15.255.255", "172.32.0.0", "191.255.255.255",
        "192.0.1.0", "192.0.3.0", "192.88.98.255", "192.88.100.0",
        "192.167.255.255", "192.169.0.0", "198.17.255.255", "198.20.0.0",
        "198.51.99.255", "198.51.101.0", "203.0.112.255", "203.0.114.0",
        "223.255.255.255", "8.8.8.8", "::ffff:8.8.8.8",
        "2000::", "2000:ffff::", "2001:200::", "2001:db7:ffff::",
        "2001:db9::", "2003::", "3ffe:ffff::", "3fff:1000::",
        "3fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2606:4700::1111"
    };

    (void) state;

    for (i = 0; i < sizeof(open) / sizeof(open[0]); i++) {
        assert_row(check(open[i], 443) == CRM_WORKER_GUARD_PUBLIC, open[i]);
    }
}


static void
public_addresses_are_called_at_ports_of_the_web(void **state)
{
    size_t  i;

    static const unsigned  open[] = { 80, 443, 8443, 1024, 3000, 8080, 65535 };
    static const unsigned  closed[] = {
        0, 1, 22, 23, 25, 53, 79, 110, 143, 389, 445, 1023, 2375, 3306, 5432,
        6379, 9200, 11211, 27017
    };

    (void) state;

    for (i = 0; i < sizeof(open) / sizeof(open[0]); i++) {
        assert_int_equal(check("8.8.8.8", open[i]), CRM_WORKER_GUARD_PUBLIC);
    }

    for (i = 0; i < sizeof(closed) / sizeof(closed[0]); i++) {
        assert_int_equal(check("8.8.8.8", closed[i]),
                         CRM_WORKER_GUARD_BLOCKED_PORT);
    }
}


static void
allowed_ranges_are_allowed_and_no_more(void **state)
{
    (void) state;

    allow("10.1.0.0/16");
    allow("192.168.7.9:8080");
    allow("172.16.0.0/12:443");
    allow("fd00::/8");
    allow("[fc00:1::]/32:25");
    allow("[::1]");

    assert_int_equal(check("10.1.255.255", 22), CRM_WORKER_GUARD_ALLOWED);
    assert_int_equal(check("::ffff:10.1.0.1", 22), CRM_WORKER_GUARD_ALLOWED);
    assert_int_equal(check("10.2.0.0", 22), CRM_WORKER_GUARD_BLOCKED);
    assert_int_equal(check("192.168.7.9", 8080), CRM_WORKER_GUARD_ALLOWED);
    assert_int_equal(check("192.168.7.9", 8081), CRM_WORKER_GUARD_BLOCKED);
    assert_int_equal(check("192.168.7.8", 8080), CRM_WORKER_GUARD_BLOCKED);
    assert_int_equal(check("172.31.0.1", 443), CRM_WORKER_GUARD_ALLOWED);
    assert_int_equal(check("172.31.0.1", 80), CRM_WORKER_GUARD_BLOCKED);
    assert_int_equal(check("fd12::1", 6379), CRM_WORKER_GUARD_ALLOWED);
    assert_int_equal(check("fc00:1::9", 25), CRM_WORKER_GUARD_ALLOWED);
    assert_int_equal(check("fc00:1::9", 26), CRM_WORKER_GUARD_BLOCKED);
    assert_int_equal(check("::1", 1), CRM_WORKER_GUARD_ALLOWED);
    assert_int_equal(check("127.0.0.1", 80), CRM_WORKER_GUARD_BLOCKED);
}


static void
an_address_of_our_own_is_never_allowed(void **state)
{
    (void) state;

    allow("0.0.0.0/0");
    deny("127.0.0.1", 6379);
    deny("8.8.8.8", 443);

    assert_int_equal(check("127.0.0.1", 6379), CRM_WORKER_GUARD_BLOCKED);
    assert_int_equal(check("::ffff:127.0.0.1", 6379),
                     CRM_WORKER_GUARD_BLOCKED);
    assert_int_equal(check("127.0.0.1", 6380), CRM_WORKER_GUARD_ALLOWED);
    assert_int_equal(check("8.8.8.8", 443), CRM_WORKER_GUARD_BLOCKED);
}


static void
own_addresses_may_be_told_again_and_again(void **state)
{
    unsigned  i;

    (void) state;

    for (i = 0; i < 1000; i++) {
        deny("127.0.0.1", 6379);
    }

    assert_int_equal(guard.n_denied, 1);

    for (i = 0; i < 1000; i++) {
        deny("127.0.0.1", i + 1);
    }

    assert_int_equal(guard.n_denied, CRM_WORKER_GUARD_MAX_DENIED);
}


static void
one_blocked_address_spoils_the_whole_answer(void **state)
{
    size_t                   i, n;
    struct sockaddr_storage  addrs[3];

    static const struct {
        const char                  *what;
        const char                  *ips[3];
        unsigned                     port;
        crm_worker_guard_verdict_t   verdict;
    } answers[] = {
        { "public", { "8.8.8.8", "9.9.9.9", NULL }, 443,
          CRM_WORKER_GUARD_PUBLIC },
        { "private last", { "8.8.8.8", "9.9.9.9", "127.0.0.1" }, 443,
          CRM_WORKER_GUARD_BLOCKED },
        { "private first", { "127.0.0.1", "8.8.8.8", NULL }, 443,
          CRM_WORKER_GUARD_BLOCKED },
        { "allowed", { "10.0.0.1", "10.0.0.2", NULL }, 25,
          CRM_WORKER_GUARD_ALLOWED },
        { "allowed and private", { "10.0.0.1", "192.168.0.1", NULL }, 443,
          CRM_WORKER_GUARD_BLOCKED },
        { "allowed and public", { "10.0.0.1", "8.8.8.8", NULL }, 443,
          CRM_WORKER_GUARD_PUBLIC },
        { "public and allowed", { "8.8.8.8", "10.0.0.1", NULL }, 443,
          CRM_WORKER_GUARD_PUBLIC },
        { "allowed and a port", { "10.0.0.1", "8.8.8.8", "10.0.0.1" }, 25,
          CRM_WORKER_GUARD_BLOCKED_PORT },
        { "a port and private", { "8.8.8.8", "127.0.0.1", NULL }, 25,
          CRM_WORKER_GUARD_BLOCKED },
        { "none", { NULL, NULL, NULL }, 443, CRM_WORKER_GUARD_BLOCKED }
    };

    (void) state;

    allow("10.0.0.0/8");

    for (i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
        memset(addrs, 0, sizeof(addrs));

        for (n = 0; n < 3 && answers[i].ips[n]; n++) {
            fill(&addrs[n], answers[i].ips[n], answers[i].port);
        }

        assert_row(crm_worker_guard_check_all(&guard, addrs, (unsigned) n)
                   == answers[i].verdict, answers[i].what);
    }
}


static void
what_is_no_internet_address_is_blocked(void **state)
{
    struct sockaddr_un  un;

    (void) state;

    memset(&un, 0, sizeof(un));
    un.sun_family = AF_UNIX;
    allow("::/0");

    assert_int_equal(crm_worker_guard_check(&guard, (struct sockaddr *) &un),
                     CRM_WORKER_GUARD_BLOCKED);
    crm_worker_guard_deny(&guard, (struct sockaddr *) &un);
    assert_int_equal(guard.n_denied, 0);
}


static void
ranges_that_make_no_sense_are_named(void **state)
{
    size_t       i;
    crm_error_t  err;

    static const char *const  wrong[] = {
        "", "x", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/8x",
        "10.0.0/8", "10.0.0.0.0/8", "/8", ":80", "10.0.0.1:", "10.0.0.1:0",
        "10.0.0.1:65536", "10.0.0.1:99999999999", "::1/129", "[::1", "::1]",
        "[::1]x", "[10.0.0.1", "10.0.0.0/8:80:80", "localhost"
    };

    (void) state;

    for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        assert_row(crm_worker_guard_allow(&guard, wrong[i], &err)
                   == CRM_EINVAL, wrong[i]);
        assert_row(strstr(err.text, "write 10.0.0.0/8") != NULL, wrong[i]);
    }

    assert_int_equal(guard.n_allowed, 0);

    for (i = 0; i < CRM_WORKER_GUARD_MAX_ALLOWED; i++) {
        allow("10.0.0.0/8");
    }

    assert_int_equal(crm_worker_guard_allow(&guard, "10.0.0.0/8", &err),
                     CRM_ELIMIT);
}


static const struct CMUnitTest  tests[] = {
    cmocka_unit_test_setup(
        private_and_special_addresses_are_blocked_to_the_edge, start),
    cmocka_unit_test_setup(their_neighbours_are_not, start),
    cmocka_unit_test_setup(public_addresses_are_called_at_ports_of_the_web,
                           start),
    cmocka_unit_test_setup(allowed_ranges_are_allowed_and_no_more, start),
    cmocka_unit_test_setup(an_address_of_our_own_is_never_allowed, start),
    cmocka_unit_test_setup(own_addresses_may_be_told_again_and_again, start),
    cmocka_unit_test_setup(one_blocked_address_spoils_the_whole_answer,
                           start),
    cmocka_unit_test_setup(what_is_no_internet_address_is_blocked, start),
    cmocka_unit_test_setup(ranges_that_make_no_sense_are_named, start)
};

CRM_TEST_MAIN(tests)
