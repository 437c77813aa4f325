/*
 * Judges one lead COUNT times, as a create:
 *
 *     eval_bench BUNDLE RECORD COUNT [scan]
 *     eval_bench BUNDLE
 *
 * BUNDLE is what Redis holds as a revision, RECORD a bare object. With scan
 * the record is read from its bytes each time. Run below callgrind with two
 * counts: the difference is the cost of the judging alone, for loading is the
 * same each time (jansson's hashes have a fixed seed here). With BUNDLE alone
 * it is compiled ROUNDS times: the least CPU time of this thread, user and
 * system, that parsing and compiling took, and the bytes that a set holds.
 */

#include <malloc.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "decide/crm_decide.h"
#include "transform/crm_transform.h"


#define POOL_BYTES  (4 * 1024 * 1024)
#define ROUNDS      5


static void measure(const char *path);
static double cpu_ms(void);
static void *count_alloc(void *data, size_t size);
static void count_free(void *data, void *p);
static crm_ruleset_t *load_rules(const char *path);
static crm_str_t load_file(const char *path);
static size_t judge(const crm_ruleset_t *rules, const crm_record_t *parsed,
    crm_str_t text, int scan);
static void fail(const char *what, const char *about);


int
main(int argc, char **argv)
{
    int             scan;
    long            i, count;
    size_t          fired;
    crm_str_t       text;
    crm_pool_t     *pool;
    crm_record_t    record;
    crm_ruleset_t  *rules;

    json_object_seed(1);

    if (argc == 2) {
        measure(argv[1]);
        return 0;
    }

    if (argc < 4) {
        fail("usage: eval_bench BUNDLE RECORD COUNT [scan]", "");
    }

    scan = (argc > 4 && strcmp(argv[4], "scan") == 0);
    count = strtol(argv[3], NULL, 10);
    rules = load_rules(argv[1]);
    text = load_file(argv[2]);

    pool = crm_pool_create(crm_host_malloc(), POOL_BYTES);

    if (pool == NULL
        || crm_record_parse(&record, text, NULL, pool, NULL) != CRM_OK)
    {
        fail("no record", argv[2]);
    }

    fired = 0;

    for (i = 0; i < count; i++) {
        fired += judge(rules, &record, text, scan);
    }

    printf("%ld records, %lu rules fired\n", count, (unsigned long) fired);

    crm_pool_destroy(pool);
    crm_ruleset_release(rules);
    free((void *) text.data);

    return 0;
}


static void
measure(const char *path)
{
    int              i;
    double           ms[3], parse, compile;
    size_t           bytes;
    json_t          *bundle;
    crm_host_t       host;
    crm_pool_t      *pool;
    crm_ruleset_t   *rules;
    crm_findings_t   findings;

    parse = 1e9;
    compile = 1e9;
    bytes = 0;
    host.alloc = count_alloc;
    host.free = count_free;
    host.data = &bytes;

    for (i = 0; i < ROUNDS; i++) {
        ms[0] = cpu_ms();
        bundle = json_load_file(path, JSON_REJECT_DUPLICATES, NULL);
        ms[1] = cpu_ms();

        pool = crm_pool_create(crm_host_malloc(), POOL_BYTES);
        if (bundle == NULL || pool == NULL) {
            fail("no bundle", path);
        }

        crm_findings_init(&findings, pool);
        rules = crm_ruleset_create(bundle, 1, &host, &findings);
        ms[2] = cpu_ms();

        if (rules == NULL) {
            fail("no rules", path);
        }

        parse = ms[1] - ms[0] < parse ? ms[1] - ms[0] : parse;
        compile = ms[2] - ms[1] < compile ? ms[2] - ms[1] : compile;

        if (i == ROUNDS - 1) {
            printf("parsed in %.1f ms, compiled in %.1f ms, %zu bytes\n",
                   parse, compile, bytes);
        }

        crm_ruleset_release(rules);
        crm_pool_destroy(pool);
        json_decref(bundle);
    }
}


static double
cpu_ms(void)
{
    struct timespec  ts;

    (void) clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);

    return (double) ts.tv_sec * 1e3 + (double) ts.tv_nsec / 1e6;
}


static void *
count_alloc(void *data, size_t size)
{
    void  *p;

    p = malloc(size);
    *(size_t *) data += p ? malloc_usable_size(p) : 0;

    return p;
}


static void
count_free(void *data, void *p)
{
    *(size_t *) data -= p ? malloc_usable_size(p) : 0;
    free(p);
}


static crm_ruleset_t *
load_rules(const char *path)
{
    json_t          *bundle;
    crm_pool_t      *pool;
    crm_ruleset_t   *rules;
    crm_findings_t   findings;

    bundle = json_load_file(path, 0, NULL);
    if (bundle == NULL) {
        fail("no bundle", path);
    }

    pool = crm_pool_create(crm_host_malloc(), POOL_BYTES);
    if (pool == NULL) {
        fail("no memory", path);
    }

    crm_findings_init(&findings, pool);

    rules = crm_ruleset_create(bundle, 1, crm_host_malloc(), &findings);
    if (rules == NULL) {
        fail(findings.count ? findings.items[0].message : "no rules", path);
    }

    json_decref(bundle);
    crm_pool_destroy(pool);

    return rules;
}


static crm_str_t
load_file(const char *path)
{
    char    *text;
    FILE    *file;
    size_t   len;

    file = fopen(path, "rb");
    text = malloc(POOL_BYTES);

    if (file == NULL || text == NULL) {
        fail("cannot read", path);
    }

    len = fread(text, 1, POOL_BYTES, file);
    fclose(file);

    return crm_str(text, len);
}


/* How many rules fired. */

static size_t
judge(const crm_ruleset_t *rules, const crm_record_t *parsed, crm_str_t text,
    int scan)
{
    size_t           fired;
    crm_pool_t      *pool;
    crm_write_t      write;
    crm_record_t     record;
    crm_verdict_t    verdict;
    crm_transform_t  transform;

    pool = crm_pool_create(crm_host_malloc(), POOL_BYTES);
    if (pool == NULL) {
        fail("no memory", "");
    }

    record = *parsed;

    if (scan && crm_record_parse(&record, text, NULL, pool, NULL) != CRM_OK) {
        fail("no record", "");
    }

    memset(&write, 0, sizeof(crm_write_t));

    write.rules = rules;
    write.module = crm_ruleset_module(rules, CRM_STR("Leads"));
    write.operation = CRM_OP_CREATE;
    write.org = CRM_STR("acme");
    write.event = CRM_STR("01ARZ3NDEKTSV4RRFFQ69G5FAV");
    write.actor = crm_ruleset_actor(rules, CRM_STR(""));
    write.now_ms = 1795305600000LL;         /* 2026-11-22 */
    write.workflow = 1;
    write.request = &record;

    if (write.module == NULL
        || crm_write_init(&write, pool) != CRM_OK
        || crm_decide(&verdict, &write) != CRM_OK
        || crm_transform(&transform, &write) != CRM_OK)
    {
        fail("not judged", "");
    }

    fired = transform.fired_count;

    crm_pool_destroy(pool);

    return fired;
}


static void
fail(const char *what, const char *about)
{
    fprintf(stderr, "eval_bench: %s: %s\n", what, about);
    exit(1);
}
