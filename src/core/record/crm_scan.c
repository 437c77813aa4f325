/*
 * JSON read in place: one pass, budgets, spans.
 *
 * Open objects and arrays are a stack of frames, the names seen in the open
 * objects a stack of keys; a frame knows where its keys begin. Keys are
 * compared once, when their object closes. Nothing here recurses.
 */

#include "record/crm_scan.h"

#include "base/crm_limits.h"
#include "record/crm_scan_plain.h"
#include "record/crm_token.h"


#define SCAN_FIRST_FRAMES  8

/* Of a name in an error. */
#define SCAN_SHOWN_NAME    64


struct crm_scan_frame_s {
    const char  *start;
    size_t       len;           /* once left */
    size_t       keys;          /* where its keys begin */
    uint8_t      type;
};

static crm_status_t scan_container(crm_scan_t *scan, const char *p,
    crm_span_t *value, crm_error_t *err) __attribute__((noinline));
static crm_status_t scan_step(crm_scan_t *scan, crm_error_t *err);
static crm_status_t scan_member(crm_scan_t *scan, crm_span_t *name,
    crm_error_t *err) __attribute__((noinline));
static inline crm_status_t scan_scalar(crm_scan_t *scan, const char *p,
    crm_span_t *value, crm_error_t *err);
static crm_status_t scan_string(crm_scan_t *scan, const char *p,
    crm_span_t *string, crm_error_t *err);
static inline crm_status_t scan_word(crm_scan_t *scan, const char *p,
    crm_str_t word, uint8_t type, crm_span_t *value, crm_error_t *err);
static inline crm_status_t scan_take(crm_scan_t *scan, const char *p,
    const char *end, uint8_t type, crm_span_t *value);
static crm_status_t scan_open(crm_scan_t *scan, const char *p,
    crm_error_t *err);
static crm_scan_frame_t *scan_frame(crm_scan_t *scan);
static crm_status_t scan_leave(crm_scan_t *scan, const char *p,
    crm_error_t *err);
static crm_status_t scan_twice(const crm_scan_key_t *key,
    crm_error_t *err);
static inline crm_status_t scan_node(crm_scan_t *scan, const char *p,
    crm_error_t *err);
static crm_status_t scan_fault(const crm_scan_t *scan,
    const crm_token_fault_t *fault, crm_error_t *err);
static crm_status_t scan_expected(const crm_scan_t *scan, const char *at,
    const char *what, crm_error_t *err);
static crm_status_t scan_nomem(crm_error_t *err);


void
crm_scan_init(crm_scan_t *scan, crm_str_t text,
    const crm_scan_limits_t *limits, crm_pool_t *pool)
{
    memset(scan, 0, sizeof(crm_scan_t));

    scan->start = text.len ? text.data : "";
    scan->pos = scan->start;
    scan->last = scan->start + text.len;
    scan->pool = pool;

    if (limits) {
        scan->limits = *limits;

    } else {
        scan->limits.max_nodes = CRM_MAX_NODES;
        scan->limits.max_depth = CRM_MAX_DEPTH;
    }

    if (text.len > UINT32_MAX) {

        /* keys keep offsets in 32 bits: no value of such a text is read */

        scan->limits.max_nodes = 0;
    }
}


crm_status_t
crm_scan_peek(crm_scan_t *scan, crm_json_type_t *type, crm_error_t *err)
{
    scan->pos = crm_token_space(scan->pos, scan->last);

    switch (scan->pos < scan->last ? *scan->pos : '\0') {

    case '{':
        *type = CRM_JSON_OBJECT;
        break;
    case '[':
        *type = CRM_JSON_ARRAY;
        break;
    case '"':
        *type = CRM_JSON_STRING;
        break;
    case 't':
        *type = CRM_JSON_TRUE;
        break;
    case 'f':
        *type = CRM_JSON_FALSE;
        break;
    case 'n':
        *type = CRM_JSON_NULL;
        break;
    case '-':
    case '0': case '1': case '2': case '3': case '4':
    case '5': case '6': case '7': case '8': case '9':
        *type = CRM_JSON_NUMBER;
        break;
    default:
        return scan_expected(scan, scan->pos, "a value", err);
    }

    return CRM_OK;
}


crm_status_t
crm_scan_value(crm_scan_t *scan, crm_span_t *value, crm_error_t *err)
{
    const char  *p;

    if (crm_scan_plain_string(scan, value)) {
        return CRM_OK;
    }

    p = crm_token_space(scan->pos, scan->last);

    return p == scan->last || (*p != '{' && *p != '[')
           ? scan_scalar(scan, p, value, err)
           : scan_container(scan, p, value, err);
}


/* Not inline: most values are scalars, and need less to be saved. */
static crm_status_t
scan_container(crm_scan_t *scan, const char *p, crm_span_t *value,
    crm_error_t *err)
{
    unsigned      base;
    crm_status_t  rc;

    base = scan->depth;

    rc = scan_open(scan, p, err);

    while (rc == CRM_OK || (rc == CRM_DECLINED && scan->depth > base)) {
        rc = scan_step(scan, err);
    }

    if (rc != CRM_DECLINED) {
        return rc;
    }

    *value = crm_scan_left(scan);

    return CRM_OK;
}


crm_status_t
crm_scan_enter(crm_scan_t *scan, crm_json_type_t type, crm_error_t *err)
{
    const char       *p;
    crm_status_t      rc;
    crm_json_type_t   next;

    p = crm_token_space(scan->pos, scan->last);

    if (p < scan->last && *p == (type == CRM_JSON_OBJECT ? '{' : '[')) {
        return scan_open(scan, p, err);
    }

    rc = crm_scan_peek(scan, &next, err);

    return rc == CRM_OK ? CRM_DECLINED : rc;
}


crm_status_t
crm_scan_member(crm_scan_t *scan, crm_span_t *name, crm_error_t *err)
{
    const crm_scan_key_t  *key;

    key = crm_scan_plain_name(scan);

    if (key == NULL) {
        return scan_member(scan, name, err);
    }

    name->data = key->data - 1;
    name->len = key->len + 2;
    name->type = CRM_JSON_STRING;
    name->escaped = 0;

    return CRM_OK;
}


crm_status_t
crm_scan_pair(crm_scan_t *scan, crm_span_t *name, crm_span_t *value,
    crm_error_t *err)
{
    crm_status_t  rc;

    rc = crm_scan_member(scan, name, err);

    return rc == CRM_OK ? crm_scan_value(scan, value, err) : rc;
}


crm_status_t
crm_scan_element(crm_scan_t *scan, crm_error_t *err)
{
    const char  *p;

    p = crm_token_space(scan->pos, scan->last);

    if (p < scan->last && *p == ']') {
        return scan_leave(scan, p, err);
    }

    if (scan->begun) {
        if (p == scan->last || *p != ',') {
            return scan_expected(scan, p, "\",\" or \"]\"", err);
        }

        p++;
    }

    /* that a value follows a comma is for whoever reads it to find */

    scan->begun = 1;
    scan->pos = p;

    return CRM_OK;
}


crm_span_t
crm_scan_left(const crm_scan_t *scan)
{
    crm_span_t               span;
    const crm_scan_frame_t  *frame;

    frame = &scan->frames[scan->depth];

    span.data = frame->start;
    span.len = frame->len;
    span.type = frame->type;
    span.escaped = 0;

    return span;
}


crm_status_t
crm_scan_end(crm_scan_t *scan, crm_error_t *err)
{
    scan->pos = crm_token_space(scan->pos, scan->last);

    if (scan->nodes == 0) {
        return scan_expected(scan, scan->pos, "a value", err);
    }

    if (scan->pos != scan->last || scan->depth) {
        return scan_expected(scan, scan->pos, "the end of the text", err);
    }

    return CRM_OK;
}


/* One member or element; of a container just its opening. */
static crm_status_t
scan_step(crm_scan_t *scan, crm_error_t *err)
{
    crm_span_t     span;
    const char    *p;
    crm_status_t   rc;

    if (scan->frames[scan->depth - 1].type == CRM_JSON_OBJECT) {
        if (crm_scan_plain_name(scan)) {
            rc = CRM_OK;

        } else {
            rc = scan_member(scan, &span, err);
        }

    } else {
        rc = crm_scan_element(scan, err);
    }

    if (rc != CRM_OK || crm_scan_plain_string(scan, &span)) {
        return rc;
    }

    p = crm_token_space(scan->pos, scan->last);

    if (p < scan->last && (*p == '{' || *p == '[')) {
        return scan_open(scan, p, err);
    }

    return scan_scalar(scan, p, &span, err);
}


static crm_status_t
scan_member(crm_scan_t *scan, crm_span_t *name, crm_error_t *err)
{
    const char    *p, *last;
    crm_status_t   rc;

    last = scan->last;

    p = crm_token_space(scan->pos, last);

    if (p < last && *p == '}') {
        return scan_leave(scan, p, err);
    }

    if (scan->begun) {
        if (p == last || *p != ',') {
            return scan_expected(scan, p, "\",\" or \"}\"", err);
        }

        p = crm_token_space(p + 1, last);
    }

    scan->begun = 1;

    if (p == last || *p != '"') {
        return scan_expected(scan, p, "a name in double quotes", err);
    }

    rc = scan_string(scan, p, name, err);
    if (rc != CRM_OK) {
        return rc;
    }

    p = crm_token_space(scan->pos, last);

    if (p == last || *p != ':') {
        return scan_expected(scan, p, "\":\"", err);
    }

    scan->pos = p + 1;

    if (crm_scan_key_push(scan, name) != CRM_OK) {
        return scan_nomem(err);
    }

    return CRM_OK;
}


static inline crm_status_t
scan_scalar(crm_scan_t *scan, const char *p, crm_span_t *value,
    crm_error_t *err)
{
    const char         *end;
    crm_status_t        rc;
    crm_token_fault_t   fault;

    rc = scan_node(scan, p, err);
    if (rc != CRM_OK) {
        return rc;
    }

    value->escaped = 0;

    switch (p < scan->last ? *p : '\0') {

    case '"':
        return scan_string(scan, p, value, err);

    case 't':
        return scan_word(scan, p, CRM_STR("true"), CRM_JSON_TRUE, value, err);

    case 'f':
        return scan_word(scan, p, CRM_STR("false"), CRM_JSON_FALSE, value,
                         err);

    case 'n':
        return scan_word(scan, p, CRM_STR("null"), CRM_JSON_NULL, value, err);

    case '-':
    case '0': case '1': case '2': case '3': case '4':
    case '5': case '6': case '7': case '8': case '9':
        end = crm_token_number(p, scan->last, &fault);
        if (end == NULL) {
            return scan_fault(scan, &fault, err);
        }

        return scan_take(scan, p, end, CRM_JSON_NUMBER, value);

    default:
        return scan_expected(scan, p, "a value", err);
    }
}


/* A value, or a name, which no budget counts. */
static crm_status_t
scan_string(crm_scan_t *scan, const char *p, crm_span_t *string,
    crm_error_t *err)
{
    const char         *end;
    crm_token_fault_t   fault;

    end = crm_token_string(p + 1, scan->last, &string->escaped, &fault);
    if (end == NULL) {
        return scan_fault(scan, &fault, err);
    }

    return scan_take(scan, p, end, CRM_JSON_STRING, string);
}


static inline crm_status_t
scan_word(crm_scan_t *scan, const char *p, crm_str_t word, uint8_t type,
    crm_span_t *value, crm_error_t *err)
{
    if ((size_t) (scan->last - p) < word.len
        || memcmp(p, word.data, word.len) != 0)
    {
        return scan_expected(scan, p, "a value", err);
    }

    return scan_take(scan, p, p + word.len, type, value);
}


static inline crm_status_t
scan_take(crm_scan_t *scan, const char *p, const char *end, uint8_t type,
    crm_span_t *value)
{
    value->data = p;
    value->len = (size_t) (end - p);
    value->type = type;

    scan->pos = end;

    return CRM_OK;
}


static crm_status_t
scan_open(crm_scan_t *scan, const char *p, crm_error_t *err)
{
    crm_status_t       rc;
    crm_scan_frame_t  *frame;

    rc = scan_node(scan, p, err);
    if (rc != CRM_OK) {
        return rc;
    }

    if (scan->depth >= scan->limits.max_depth) {
        return crm_error_set(err, CRM_ELIMIT, (size_t) (p - scan->start), "",
                             "objects and arrays may be nested %u deep",
                             scan->limits.max_depth);
    }

    frame = scan_frame(scan);
    if (frame == NULL
        || (scan->keys_count == scan->keys_cap
            && crm_scan_key_room(scan) != CRM_OK))
    {
        return scan_nomem(err);
    }

    frame->start = p;
    frame->len = 0;
    frame->keys = scan->keys_count;
    frame->type = *p == '{' ? CRM_JSON_OBJECT : CRM_JSON_ARRAY;

    scan->begun = 0;
    scan->pos = p + 1;

    return CRM_OK;
}


/* One more frame on the stack, or NULL without memory. */
static crm_scan_frame_t *
scan_frame(crm_scan_t *scan)
{
    unsigned           cap;
    crm_scan_frame_t  *frames;

    if (scan->depth == scan->frames_cap) {
        cap = scan->frames_cap ? scan->frames_cap * 2 : SCAN_FIRST_FRAMES;

        frames = crm_pool_alloc(scan->pool, cap * sizeof(crm_scan_frame_t));
        if (frames == NULL) {
            return NULL;
        }

        if (scan->depth) {
            memcpy(frames, scan->frames,
                   scan->depth * sizeof(crm_scan_frame_t));
        }

        scan->frames = frames;
        scan->frames_cap = cap;
    }

    return &scan->frames[scan->depth++];
}


/* p is the closing bracket. */
static crm_status_t
scan_leave(crm_scan_t *scan, const char *p, crm_error_t *err)
{
    crm_scan_frame_t      *frame;
    const crm_scan_key_t  *key;

    frame = &scan->frames[scan->depth - 1];

    if (scan->keys_count > frame->keys + 1) {
        key = crm_scan_key_twice(scan->keys + frame->keys,
                                 scan->keys_count - frame->keys);
        if (key != NULL) {
            return scan_twice(key, err);
        }
    }

    /* what was left is a member or element of what it stands in */

    scan->depth--;
    scan->begun = 1;
    scan->keys_count = frame->keys;
    scan->pos = p + 1;

    frame->len = (size_t) (scan->pos - frame->start);

    return CRM_DECLINED;
}


static crm_status_t
scan_twice(const crm_scan_key_t *key, crm_error_t *err)
{
    int  shown;

    shown = (int) key->len;

    if (key->len > SCAN_SHOWN_NAME) {
        shown = SCAN_SHOWN_NAME;
        while (((unsigned char) key->data[shown] & 0xc0) == 0x80) {
            shown--;
        }
    }

    return crm_error_set(err, CRM_EINVAL, key->at, "",
                         "duplicate key \"%.*s\"", shown, key->data);
}


static inline crm_status_t
scan_node(crm_scan_t *scan, const char *p, crm_error_t *err)
{
    if (scan->nodes < scan->limits.max_nodes) {
        scan->nodes++;
        return CRM_OK;
    }

    return crm_error_set(err, CRM_ELIMIT, (size_t) (p - scan->start), "",
                         "at most %zu values are allowed",
                         scan->limits.max_nodes);
}


static crm_status_t
scan_fault(const crm_scan_t *scan, const crm_token_fault_t *fault,
    crm_error_t *err)
{
    return crm_error_set(err, CRM_EINVAL, (size_t) (fault->at - scan->start),
                         "", "%s", fault->text);
}


static crm_status_t
scan_expected(const crm_scan_t *scan, const char *at, const char *what,
    crm_error_t *err)
{
    size_t         offset;
    unsigned char  c;

    offset = (size_t) (at - scan->start);

    if (at == scan->last) {
        return crm_error_set(err, CRM_EINVAL, offset, "",
                             "expected %s, but the text ends", what);
    }

    c = (unsigned char) *at;

    if (c > 0x20 && c < 0x7f) {
        return crm_error_set(err, CRM_EINVAL, offset, "",
                             "expected %s, not %c", what, c);
    }

    return crm_error_set(err, CRM_EINVAL, offset, "",
                         "expected %s, not the byte 0x%02x", what, c);
}


static crm_status_t
scan_nomem(crm_error_t *err)
{
    return crm_error_set(err, CRM_ENOMEM, CRM_NO_OFFSET, "",
                         "out of memory");
}
