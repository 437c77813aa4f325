/*
 * What the stream of traces tells of an event, or of a record.
 */

#include "state/crm_told.h"

#include "base/crm_limits.h"
#include "record/crm_scan.h"


#define TOLD_SLICE  100


static crm_status_t told_entry(crm_told_t *told, const crm_reply_t *entry,
    crm_pool_t *pool);
static crm_status_t told_doc(crm_told_t *told, crm_str_t doc,
    crm_pool_t *pool);
static int told_holds(crm_str_t doc, crm_str_t what);
static int told_is(crm_span_t root, const char *name, crm_str_t value);


/* "1763800000000-0" */
int
crm_told_is_place(crm_str_t text)
{
    size_t  i, dashes;

    dashes = 0;

    for (i = 0; i < text.len; i++) {
        if (text.data[i] == '-') {
            dashes++;

        } else if (text.data[i] < '0' || text.data[i] > '9') {
            return 0;
        }
    }

    return text.len > 2 && text.len <= 40 && dashes == 1
           && text.data[0] != '-' && text.data[text.len - 1] != '-';
}


crm_cmd_t *
crm_told_cmd(const crm_told_t *told, crm_str_t org, crm_pool_t *pool)
{
    size_t     i;
    crm_str_t  args[6];

    args[0] = CRM_STR("XREVRANGE");
    args[1] = crm_key_trace(pool, org);
    args[2] = told->last.len == 0 ? CRM_STR("+")
              : crm_pool_printf(pool, "(%.*s", (int) told->last.len,
                                told->last.data);
    args[3] = CRM_STR("-");
    args[4] = CRM_STR("COUNT");
    args[5] = crm_pool_printf(pool, "%d", TOLD_SLICE);

    for (i = 0; i < 6; i++) {
        if (args[i].data == NULL) {
            return NULL;
        }
    }

    return crm_cmd_plain(pool, args, 6);
}


crm_status_t
crm_told_take(crm_told_t *told, const crm_reply_t *reply, crm_pool_t *pool,
    crm_error_t *err)
{
    size_t        i;
    crm_status_t  rc;

    if (reply->type != CRM_REPLY_ARRAY) {
        return crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, "",
                             "Redis does not give the traces: %.*s",
                             reply->type == CRM_REPLY_ERROR
                             ? (int) reply->str.len : 0,
                             reply->type == CRM_REPLY_ERROR ? reply->str.data
                                                            : "");
    }

    for (i = 0; i < reply->count && !told->full; i++) {
        rc = told_entry(told, &reply->elements[i], pool);
        if (rc != CRM_OK) {
            return rc;
        }
    }

    told->ended = told->full || reply->count < TOLD_SLICE
                  || told->looked >= CRM_TOLD_MAX_LOOKED;

    return CRM_OK;
}


/* [id, [field, value, ...]] */
static crm_status_t
told_entry(crm_told_t *told, const crm_reply_t *entry, crm_pool_t *pool)
{
    size_t              k;
    crm_status_t        rc;
    const crm_reply_t  *fields;

    told->looked++;

    if (entry->type != CRM_REPLY_ARRAY || entry->count != 2
        || entry->elements[0].type != CRM_REPLY_STRING
        || !crm_told_is_place(entry->elements[0].str))
    {
        return CRM_OK;
    }

    fields = &entry->elements[1];

    for (k = 0; fields->type == CRM_REPLY_ARRAY && k + 1 < fields->count;
         k += 2)
    {
        if (fields->elements[k].type == CRM_REPLY_STRING
            && fields->elements[k + 1].type == CRM_REPLY_STRING
            && crm_str_is(fields->elements[k].str, "doc"))
        {
            rc = told_doc(told, fields->elements[k + 1].str, pool);
            if (rc != CRM_OK) {
                return rc;
            }
        }
    }

    /* the first that did not fit is the next answer's first */

    if (told->full && told->count) {
        return CRM_OK;
    }

    told->last = crm_pool_dup(pool, entry->elements[0].str);

    return told->last.data ? CRM_OK : CRM_ENOMEM;
}


/* Most documents are of something else: what is asked for does not stand in
 * them. */
static crm_status_t
told_doc(crm_told_t *told, crm_str_t doc, crm_pool_t *pool)
{
    crm_scan_t         scan;
    crm_span_t         root;
    crm_error_t        err;
    crm_status_t       rc;
    crm_scan_limits_t  limits;

    if (!told_holds(doc, told->event.len ? told->event : told->record_id)) {
        return CRM_OK;
    }

    limits.max_nodes = (size_t) -1;
    limits.max_depth = CRM_MAX_DEPTH;

    crm_scan_init(&scan, doc, &limits, pool);

    rc = crm_scan_value(&scan, &root, &err);
    if (rc == CRM_OK) {
        rc = crm_scan_end(&scan, &err);
    }

    if (rc != CRM_OK || root.type != CRM_JSON_OBJECT) {
        return rc == CRM_ENOMEM ? rc : CRM_OK;
    }

    if (told->event.len ? !told_is(root, "event_id", told->event)
        : !told_is(root, "module", told->module)
          || !told_is(root, "record_id", told->record_id))
    {
        return CRM_OK;
    }

    if (told->count && (told->bytes + doc.len > CRM_TOLD_MAX_BYTES
                        || told->count == (told->event.len
                                           ? CRM_TOLD_MAX_EVENT
                                           : CRM_TOLD_MAX_RECORD)))
    {
        told->full = 1;
        return CRM_OK;
    }

    told->docs[told->count] = crm_pool_dup(pool, doc);
    told->bytes += doc.len;

    return told->docs[told->count++].data ? CRM_OK : CRM_ENOMEM;
}


static int
told_holds(crm_str_t doc, crm_str_t what)
{
    const char  *p, *last;

    for (p = doc.data, last = doc.data + doc.len;
         (size_t) (last - p) >= what.len; p++)
    {
        p = memchr(p, what.data[0], (size_t) (last - p) - what.len + 1);

        if (p == NULL) {
            return 0;
        }

        if (memcmp(p, what.data, what.len) == 0) {
            return 1;
        }
    }

    return 0;
}


static int
told_is(crm_span_t root, const char *name, crm_str_t value)
{
    crm_span_t  member;

    member = crm_span_member(root, crm_strz(name));

    return member.type == CRM_JSON_STRING && crm_span_is(member, value);
}


void
crm_told_write(const crm_told_t *told, crm_buf_t *buf)
{
    size_t  i, at;

    crm_buf_puts(buf, "{\"data\":[");

    for (i = 0; i < told->count; i++) {
        at = told->event.len ? told->count - 1 - i : i;

        crm_buf_puts(buf, i ? "," : "");
        crm_buf_str(buf, told->docs[at]);
    }

    crm_buf_puts(buf, "],\"next\":");

    if (told->full || (!told->event.len
                       && told->looked >= CRM_TOLD_MAX_LOOKED))
    {
        crm_buf_json(buf, told->last);
    } else {
        crm_buf_puts(buf, "null");
    }

    crm_buf_putc(buf, '}');
}
