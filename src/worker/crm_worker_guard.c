/*
 * The address check. IPv4 addresses are judged as IPv6 ones (::ffff:a.b.c.d),
 * so that one table and one comparison serve both, and an IPv4 address hidden
 * in an IPv6 one needs no case of its own.
 */

#include "crm_worker_guard.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>


#define GUARD_V4_BITS       96   /* the length of ::ffff:0:0/96 */
#define GUARD_UNICAST_BITS   3   /* and of 2000::/3 */


/*
 * Private and special ranges. Of IPv6 only what lies in 2000::/3, beyond which
 * nothing is public: loopback, local and multicast, and IPv4 in IPv6, be it
 * compatible, mapped back (SIIT) or translated (NAT64), stand in no list.
 */
static const struct {
    const char  *addr;
    unsigned     bits;
} guard_blocked[] = {
    { "0.0.0.0", 8 },           /* this network */
    { "10.0.0.0", 8 },          /* private */
    { "100.64.0.0", 10 },       /* carrier's NAT */
    { "127.0.0.0", 8 },         /* loopback */
    { "169.254.0.0", 16 },      /* link local: cloud metadata */
    { "172.16.0.0", 12 },       /* private */
    { "192.0.0.0", 24 },        /* protocol assignments */
    { "192.0.2.0", 24 },        /* documentation */
    { "192.88.99.0", 24 },      /* 6to4 relays */
    { "192.168.0.0", 16 },      /* private */
    { "198.18.0.0", 15 },       /* benchmarks */
    { "198.51.100.0", 24 },     /* documentation */
    { "203.0.113.0", 24 },      /* documentation */
    { "224.0.0.0", 4 },         /* multicast */
    { "240.0.0.0", 4 },         /* reserved, broadcast included */

    { "2001::", 23 },           /* protocol assignments: Teredo, ORCHID */
    { "2001:db8::", 32 },       /* documentation */
    { "2002::", 16 },           /* 6to4 */
    { "3fff::", 20 }            /* documentation */
};

/* Unprivileged ports where no webhook listens but a database may. */
static const unsigned short  guard_blocked_ports[] = {
    2049, 2375, 2376, 2379, 2380, 3306, 5432, 5672, 6379, 6380, 9042, 9200,
    9300, 11211, 27017
};


static crm_status_t  guard_parse(crm_worker_guard_range_t *range,
    const char *text, crm_error_t *err);
static crm_status_t  guard_error(crm_error_t *err, const char *text,
    const char *what);
static int           guard_addr(unsigned char addr[16], const char *text,
    unsigned *base);
static int           guard_number(unsigned *n, const char *text,
    unsigned max);
static int           guard_unpack(crm_worker_guard_range_t *range,
    const struct sockaddr *sa);
static int           guard_within(const unsigned char addr[16],
    const unsigned char net[16], unsigned bits);
static int           guard_listed(const crm_worker_guard_range_t *list,
    unsigned n, const crm_worker_guard_range_t *target);
static int           guard_special(const unsigned char addr[16]);
static int           guard_global(const unsigned char addr[16]);
static int           guard_port(unsigned port);


crm_status_t
crm_worker_guard_allow(crm_worker_guard_t *guard, const char *text,
    crm_error_t *err)
{
    crm_status_t  rc;

    if (guard->n_allowed == CRM_WORKER_GUARD_MAX_ALLOWED) {
        return crm_error_set(err, CRM_ELIMIT, CRM_NO_OFFSET, "",
                             "more than %d ranges are allowed",
                             CRM_WORKER_GUARD_MAX_ALLOWED);
    }

    rc = guard_parse(&guard->allowed[guard->n_allowed], text, err);
    if (rc == CRM_OK) {
        guard->n_allowed++;
    }

    return rc;
}


void
crm_worker_guard_deny(crm_worker_guard_t *guard, const struct sockaddr *sa)
{
    crm_worker_guard_range_t  range;

    if (!guard_unpack(&range, sa)
        || guard_listed(guard->denied, guard->n_denied, &range)
        || guard->n_denied == CRM_WORKER_GUARD_MAX_DENIED)
    {
        return;
    }

    guard->denied[guard->n_denied++] = range;
}


crm_worker_guard_verdict_t
crm_worker_guard_check(const crm_worker_guard_t *guard,
    const struct sockaddr *sa)
{
    crm_worker_guard_range_t  target;

    if (!guard_unpack(&target, sa)
        || guard_listed(guard->denied, guard->n_denied, &target))
    {
        return CRM_WORKER_GUARD_BLOCKED;
    }

    if (guard_listed(guard->allowed, guard->n_allowed, &target)) {
        return CRM_WORKER_GUARD_ALLOWED;
    }

    if (guard_special(target.addr)) {
        return CRM_WORKER_GUARD_BLOCKED;
    }

    return guard_port(target.port) ? CRM_WORKER_GUARD_PUBLIC
                                   : CRM_WORKER_GUARD_BLOCKED_PORT;
}


crm_worker_guard_verdict_t
crm_worker_guard_check_all(const crm_worker_guard_t *guard,
    const struct sockaddr_storage *addrs, unsigned n)
{
    unsigned                    i;
    crm_worker_guard_verdict_t  all, one;

    all = n > 0 ? CRM_WORKER_GUARD_ALLOWED : CRM_WORKER_GUARD_BLOCKED;

    for (i = 0; i < n; i++) {
        one = crm_worker_guard_check(guard,
                                     (const struct sockaddr *) &addrs[i]);

        if (one == CRM_WORKER_GUARD_BLOCKED) {
            return one;
        }

        if (one == CRM_WORKER_GUARD_BLOCKED_PORT
            || all == CRM_WORKER_GUARD_ALLOWED)
        {
            all = one;
        }
    }

    return all;
}


/* addr[/bits][:port], an IPv6 address in brackets when a port follows. */
static crm_status_t
guard_parse(crm_worker_guard_range_t *range, const char *text, crm_error_t *err)
{
    char       copy[80], *addr, *bits, *port, *end;
    unsigned   base, n;

    if (snprintf(copy, sizeof(copy), "%s", text) >= (int) sizeof(copy)) {
        return guard_error(err, text, "an address range");
    }

    addr = copy;
    bits = strchr(copy, '/');
    port = NULL;

    if (copy[0] == '[') {
        addr = copy + 1;
        end = strchr(addr, ']');

        if (end == NULL || (end[1] != '\0' && end[1] != '/' && end[1] != ':')) {
            return guard_error(err, text, "an address range");
        }

        port = strchr(end, ':');
        *end = '\0';

    } else if (bits != NULL) {
        port = strchr(bits, ':');

    } else if (strchr(copy, '.') != NULL && strrchr(copy, ':') != NULL
               && strchr(copy, ':') == strrchr(copy, ':'))
    {
        port = strchr(copy, ':');
    }

    if (bits != NULL) {
        *bits++ = '\0';
    }

    if (port != NULL) {
        *port++ = '\0';
    }

    if (!guard_addr(range->addr, addr, &base)) {
        return guard_error(err, text, "an address range");
    }

    range->bits = 128;
    range->port = 0;

    if (bits != NULL) {
        if (!guard_number(&n, bits, 128 - base)) {
            return guard_error(err, text, "a prefix length");
        }

        range->bits = base + n;
    }

    if (port != NULL
        && (!guard_number(&range->port, port, 65535) || range->port == 0))
    {
        return guard_error(err, text, "a port");
    }

    return CRM_OK;
}


static crm_status_t
guard_error(crm_error_t *err, const char *text, const char *what)
{
    return crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, "",
                         "\"%.60s\" does not hold %s; write "
                         "10.0.0.0/8, 127.0.0.1/32:8080 or [fd00::]/8:443",
                         text, what);
}


/* *base is the number of leading bits that are not the writer's to count. */
static int
guard_addr(unsigned char addr[16], const char *text, unsigned *base)
{
    struct in_addr  in4;

    *base = 0;

    if (inet_pton(AF_INET6, text, addr) == 1) {
        return 1;
    }

    if (inet_pton(AF_INET, text, &in4) != 1) {
        return 0;
    }

    *base = GUARD_V4_BITS;
    memset(addr, 0, 10);
    memset(addr + 10, 0xff, 2);
    memcpy(addr + 12, &in4, 4);

    return 1;
}


static int
guard_number(unsigned *n, const char *text, unsigned max)
{
    size_t  i;

    *n = 0;

    for (i = 0; text[i] >= '0' && text[i] <= '9'; i++) {
        *n = *n * 10 + (unsigned) (text[i] - '0');

        if (*n > max) {
            return 0;
        }
    }

    return i > 0 && text[i] == '\0';
}


static int
guard_unpack(crm_worker_guard_range_t *range, const struct sockaddr *sa)
{
    struct sockaddr_in   in4;
    struct sockaddr_in6  in6;

    range->bits = 128;

    switch (sa->sa_family) {

    case AF_INET:
        memcpy(&in4, sa, sizeof(in4));
        memset(range->addr, 0, 10);
        memset(range->addr + 10, 0xff, 2);
        memcpy(range->addr + 12, &in4.sin_addr, 4);
        range->port = ntohs(in4.sin_port);
        return 1;

    case AF_INET6:
        memcpy(&in6, sa, sizeof(in6));
        memcpy(range->addr, &in6.sin6_addr, 16);
        range->port = ntohs(in6.sin6_port);
        return 1;

    default:
        return 0;
    }
}


static int
guard_within(const unsigned char addr[16], const unsigned char net[16],
    unsigned bits)
{
    unsigned       bytes;
    unsigned char  mask;

    bytes = bits / 8;

    if (memcmp(addr, net, bytes) != 0) {
        return 0;
    }

    if (bits % 8 == 0) {
        return 1;
    }

    mask = (unsigned char) (0xff << (8 - bits % 8));

    return (addr[bytes] & mask) == (net[bytes] & mask);
}


static int
guard_listed(const crm_worker_guard_range_t *list, unsigned n,
    const crm_worker_guard_range_t *target)
{
    unsigned  i;

    for (i = 0; i < n; i++) {
        if ((list[i].port == 0 || list[i].port == target->port)
            && guard_within(target->addr, list[i].addr, list[i].bits))
        {
            return 1;
        }
    }

    return 0;
}


/* A table entry that does not parse blocks everything: see the unit test. */
static int
guard_special(const unsigned char addr[16])
{
    unsigned       i, base;
    unsigned char  net[16];

    if (!guard_global(addr)) {
        return 1;
    }

    for (i = 0; i < sizeof(guard_blocked) / sizeof(guard_blocked[0]); i++) {
        if (!guard_addr(net, guard_blocked[i].addr, &base)
            || guard_within(addr, net, base + guard_blocked[i].bits))
        {
            return 1;
        }
    }

    return 0;
}


/* IPv4, or what is given out of IPv6. */
static int
guard_global(const unsigned char addr[16])
{
    static const unsigned char  v4[16] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
                                           0xff, 0xff, 0, 0, 0, 0 };
    static const unsigned char  unicast[16] = { 0x20 };

    return guard_within(addr, v4, GUARD_V4_BITS)
           || guard_within(addr, unicast, GUARD_UNICAST_BITS);
}


static int
guard_port(unsigned port)
{
    unsigned  i;

    if (port == 443 || port == 80 || port == 8443) {
        return 1;
    }

    for (i = 0;
         i < sizeof(guard_blocked_ports) / sizeof(guard_blocked_ports[0]);
         i++)
    {
        if (port == guard_blocked_ports[i]) {
            return 0;
        }
    }

    return port >= 1024;
}
