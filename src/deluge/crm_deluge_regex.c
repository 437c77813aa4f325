/*
 * Functions of TEXT with a regular expression: Perl's, by PCRE2.
 *
 * It is interpreted, never compiled to machine code: the process that runs a
 * script cannot have memory that is code. Each item of an expression that is
 * tried, and each character that it went on or back, is a step; steps count as
 * statements do, so that no expression runs longer than a loop might. What it
 * takes to go back to is bounded, too.
 */

#define PCRE2_CODE_UNIT_WIDTH  8

#include <pcre2.h>

#include "crm_deluge_run.h"
#include "crm_deluge_utf8.h"


/* Bytes of one expression, and how deep its groups nest. */
#define REGEX_PATTERN_MAX  4096
#define REGEX_NESTING      100

/* What reading it costs, in steps: once, and a byte. */
#define REGEX_STEPS       500
#define REGEX_STEPS_BYTE  16

/* KiB of what may be gone back to. */
#define REGEX_HEAP  (8 * 1024)

/* The meter ends what these would: they are there if it were wrong. */
#define REGEX_MATCHES  50000000
#define REGEX_DEPTH    1000000

typedef struct {
    crm_deluge_call_t       *call;
    pcre2_general_context   *general;
    pcre2_compile_context   *compile;
    pcre2_match_context     *match;
    pcre2_code              *code;
    pcre2_match_data        *data;
    uint32_t                 options;
    size_t                   at;            /* of the last step */
    size_t                   steps;
    size_t                   budget;
} crm_deluge_regex_t;


static crm_status_t regex_init(crm_deluge_regex_t *regex,
    crm_deluge_call_t *call, uint32_t options);
static crm_status_t regex_compile(crm_deluge_regex_t *regex,
    uint32_t options);
static crm_status_t regex_end(crm_deluge_regex_t *regex, crm_status_t rc);
static crm_status_t regex_next(crm_deluge_regex_t *regex, size_t from);
static crm_status_t regex_failed(crm_deluge_regex_t *regex, int code);
static int regex_step(pcre2_callout_block *block, void *data);
static crm_status_t regex_replace(crm_deluge_call_t *call, uint32_t options,
    int first);
static crm_status_t regex_replace_in(crm_deluge_regex_t *regex, crm_buf_t *buf,
    int first);
static crm_status_t regex_with(crm_deluge_regex_t *regex, crm_buf_t *buf);
static void *regex_alloc(size_t size, void *data);
static void regex_free(void *p, void *data);


/* The whole text. */
static crm_status_t
regex_matches(crm_deluge_call_t *call)
{
    crm_status_t        rc;
    crm_deluge_regex_t  regex;

    rc = regex_init(&regex, call, PCRE2_ANCHORED|PCRE2_ENDANCHORED);

    if (rc == CRM_OK) {
        rc = regex_next(&regex, 0);
    }

    if (rc == CRM_OK || rc == CRM_DECLINED) {
        *call->result = crm_deluge_boolean(rc == CRM_OK);
        rc = CRM_OK;
    }

    return regex_end(&regex, rc);
}


static crm_status_t
regex_replace_all(crm_deluge_call_t *call)
{
    return regex_replace(call, 0, 0);
}


static crm_status_t
regex_replace_all_caseless(crm_deluge_call_t *call)
{
    return regex_replace(call, PCRE2_CASELESS, 0);
}


static crm_status_t
regex_replace_first(crm_deluge_call_t *call)
{
    return regex_replace(call, 0, 1);
}


static crm_status_t
regex_replace_first_caseless(crm_deluge_call_t *call)
{
    return regex_replace(call, PCRE2_CASELESS, 1);
}


const crm_deluge_builtin_t  crm_deluge_regex_builtins[] = {
    { "matches", CRM_DELUGE_ON_TEXT, 1, "t", regex_matches },
    { "replaceAll", CRM_DELUGE_ON_TEXT, 2, "ttb", regex_replace_all },
    { "replaceAllIgnoreCase", CRM_DELUGE_ON_TEXT, 2, "ttb",
      regex_replace_all_caseless },
    { "replaceFirst", CRM_DELUGE_ON_TEXT, 2, "ttb", regex_replace_first },
    { "replaceFirstIgnoreCase", CRM_DELUGE_ON_TEXT, 2, "ttb",
      regex_replace_first_caseless },
    { NULL, 0, 0, NULL, NULL }
};


/* A third argument that is true: what is looked for, and what is put there, are
 * plain texts. */
static crm_status_t
regex_replace(crm_deluge_call_t *call, uint32_t options, int first)
{
    crm_buf_t           buf;
    crm_status_t        rc;
    crm_deluge_regex_t  regex;

    if (call->count > 3 && call->args[3].u.boolean) {
        options |= PCRE2_LITERAL;

        if (call->args[1].u.text.len == 0) {
            *call->result = call->args[0];
            return CRM_OK;
        }
    }

    crm_deluge_buf(call->run, &buf);

    rc = regex_init(&regex, call, options);

    if (rc == CRM_OK) {
        rc = regex_replace_in(&regex, &buf, first);
    }

    rc = regex_end(&regex, rc);

    return rc == CRM_OK
           ? crm_deluge_buf_end(call->run, call->place, &buf, call->result)
           : rc;
}


static crm_status_t
regex_replace_in(crm_deluge_regex_t *regex, crm_buf_t *buf, int first)
{
    size_t         at, done, n;
    crm_str_t      text;
    crm_status_t   rc;
    const size_t  *found;

    text = regex->call->args[0].u.text;
    found = pcre2_get_ovector_pointer(regex->data);
    done = 0;
    at = 0;
    rc = CRM_OK;

    while (at <= text.len && crm_buf_status(buf) == CRM_OK) {
        rc = regex_next(regex, at);
        if (rc != CRM_OK) {
            break;
        }

        crm_buf_add(buf, text.data + done, found[0] - done);
        rc = regex_with(regex, buf);
        done = found[1];

        if (rc != CRM_OK || first) {
            break;
        }

        at = done;

        if (found[0] == found[1] && at < text.len) {
            n = crm_deluge_utf8_size(text.data + at, text.data + text.len);
            at += n ? n : 1;

        } else if (found[0] == found[1]) {
            at++;
        }
    }

    crm_buf_add(buf, text.data + done, text.len - done);

    return rc == CRM_DECLINED ? CRM_OK : rc;
}


/* $1 is what the first group has found, \$ is a dollar. */
static crm_status_t
regex_with(crm_deluge_regex_t *regex, crm_buf_t *buf)
{
    size_t         i, group;
    crm_str_t      with;
    const size_t  *found;

    with = regex->call->args[2].u.text;

    if (regex->options & PCRE2_LITERAL) {
        crm_buf_str(buf, with);
        return CRM_OK;
    }

    found = pcre2_get_ovector_pointer(regex->data);

    for (i = 0; i < with.len; i++) {

        if (with.data[i] == '\\' && i + 1 < with.len) {
            crm_buf_putc(buf, with.data[++i]);
            continue;
        }

        if (with.data[i] != '$' || i + 1 == with.len
            || with.data[i + 1] < '0' || with.data[i + 1] > '9')
        {
            crm_buf_putc(buf, with.data[i]);
            continue;
        }

        group = (size_t) (with.data[++i] - '0');

        if (group >= pcre2_get_ovector_count(regex->data)) {
            return crm_deluge_throw(regex->call->run, regex->call->place,
                       "the regular expression has no group $%zu; a dollar is"
                       " written \\$", group);
        }

        if (found[2 * group] != PCRE2_UNSET) {
            crm_buf_add(buf, regex->call->args[0].u.text.data
                             + found[2 * group],
                        found[2 * group + 1] - found[2 * group]);
        }
    }

    return CRM_OK;
}


static crm_status_t
regex_init(crm_deluge_regex_t *regex, crm_deluge_call_t *call,
    uint32_t options)
{
    crm_status_t  rc;

    memset(regex, 0, sizeof(crm_deluge_regex_t));

    regex->call = call;
    regex->options = options;
    regex->budget = crm_deluge_budget(call->run);

    regex->general = pcre2_general_context_create(regex_alloc, regex_free,
                                                  NULL);
    if (regex->general == NULL) {
        return crm_deluge_memory(call->run, call->place);
    }

    regex->compile = pcre2_compile_context_create(regex->general);
    regex->match = pcre2_match_context_create(regex->general);

    if (regex->compile == NULL || regex->match == NULL) {
        return crm_deluge_memory(call->run, call->place);
    }

    rc = regex_compile(regex, options);
    if (rc != CRM_OK) {
        return rc;
    }

    regex->data = pcre2_match_data_create_from_pattern(regex->code,
                                                       regex->general);
    if (regex->data == NULL) {
        return crm_deluge_memory(call->run, call->place);
    }

    (void) pcre2_set_callout(regex->match, regex_step, regex);
    (void) pcre2_set_heap_limit(regex->match, REGEX_HEAP);
    (void) pcre2_set_match_limit(regex->match, REGEX_MATCHES);
    (void) pcre2_set_depth_limit(regex->match, REGEX_DEPTH);

    return CRM_OK;
}


static crm_status_t
regex_compile(crm_deluge_regex_t *regex, uint32_t options)
{
    int            code;
    size_t         at;
    crm_str_t      pattern;
    unsigned char  why[96];

    pattern = regex->call->args[1].u.text;
    regex->steps = REGEX_STEPS + REGEX_STEPS_BYTE * pattern.len;

    (void) pcre2_set_max_pattern_length(regex->compile, REGEX_PATTERN_MAX);
    (void) pcre2_set_parens_nest_limit(regex->compile, REGEX_NESTING);

    /* every item is a step, and no place is skipped: what is not stepped over
       would not be counted */

    regex->code = pcre2_compile((PCRE2_SPTR) pattern.data, pattern.len,
                                options|PCRE2_UTF|PCRE2_AUTO_CALLOUT
                                |PCRE2_NO_START_OPTIMIZE
                                |(options & PCRE2_LITERAL
                                  ? 0 : PCRE2_NEVER_BACKSLASH_C),
                                &code, &at, regex->compile);
    if (regex->code) {
        return CRM_OK;
    }

    if (code == PCRE2_ERROR_HEAP_FAILED) {
        return crm_deluge_memory(regex->call->run, regex->call->place);
    }

    if (pattern.len > REGEX_PATTERN_MAX) {
        return crm_deluge_throw(regex->call->run, regex->call->place,
                   "a regular expression has %d bytes at most, this one %zu",
                   REGEX_PATTERN_MAX, pattern.len);
    }

    (void) pcre2_get_error_message(code, why, sizeof(why));

    return crm_deluge_throw(regex->call->run, regex->call->place,
               "the regular expression cannot be read, at its byte %zu: %s",
               at, (char *) why);
}


/* What was done is paid for, whatever came of it. */
static crm_status_t
regex_end(crm_deluge_regex_t *regex, crm_status_t rc)
{
    crm_status_t  spent;

    pcre2_match_data_free(regex->data);
    pcre2_code_free(regex->code);
    pcre2_match_context_free(regex->match);
    pcre2_compile_context_free(regex->compile);
    pcre2_general_context_free(regex->general);

    if (rc == CRM_ELIMIT) {
        return rc;
    }

    spent = crm_deluge_spend(regex->call->run, regex->call->place,
                             regex->steps);

    return spent == CRM_OK ? rc : spent;
}


/* The next place from the byte from on; CRM_DECLINED: there is none. */
static crm_status_t
regex_next(crm_deluge_regex_t *regex, size_t from)
{
    int        rc;
    crm_str_t  text;

    text = regex->call->args[0].u.text;
    regex->at = from;

    rc = pcre2_match(regex->code,
                     (PCRE2_SPTR) (text.data ? text.data : ""), text.len, from,
                     from ? PCRE2_NO_UTF_CHECK : 0, regex->data,
                     regex->match);

    if (rc > 0) {
        return CRM_OK;
    }

    return rc == PCRE2_ERROR_NOMATCH ? CRM_DECLINED : regex_failed(regex, rc);
}


static crm_status_t
regex_failed(crm_deluge_regex_t *regex, int code)
{
    crm_deluge_call_t  *call;
    unsigned char       why[96];

    call = regex->call;

    switch (code) {

    case PCRE2_ERROR_CALLOUT:
    case PCRE2_ERROR_MATCHLIMIT:
        regex->steps = regex->budget + CRM_DELUGE_STEPS;
        return crm_deluge_spend(call->run, call->place, regex->steps);

    case PCRE2_ERROR_NOMEMORY:
        return crm_deluge_memory(call->run, call->place);

    case PCRE2_ERROR_HEAPLIMIT:
    case PCRE2_ERROR_DEPTHLIMIT:
        return crm_deluge_limit(call->run, call->place,
                   "the regular expression needs too much memory");

    default:
        (void) pcre2_get_error_message(code, why, sizeof(why));

        return crm_deluge_throw(call->run, call->place,
                   "the regular expression fails: %s", (char *) why);
    }
}


/* Before each item of the expression. */
static int
regex_step(pcre2_callout_block *block, void *data)
{
    size_t               at;
    crm_deluge_regex_t  *regex = data;

    at = block->current_position;

    regex->steps += 1 + (at > regex->at ? at - regex->at : regex->at - at);
    regex->at = at;

    return regex->steps > regex->budget ? PCRE2_ERROR_CALLOUT : 0;
}


static void *
regex_alloc(size_t size, void *data)
{
    const crm_host_t  *host;

    (void) data;

    host = crm_host_malloc();

    return host->alloc(host->data, size);
}


static void
regex_free(void *p, void *data)
{
    const crm_host_t  *host;

    (void) data;

    if (p) {
        host = crm_host_malloc();
        host->free(host->data, p);
    }
}
