/*
 * What a function's write to the CRM came to: its answer, as the vendor's tasks
 * give it to a script.
 */

#include "crm_worker_effect_call.h"


static int written_is_read(crm_worker_effect_t *effect);
static size_t written_count(crm_span_t list);
static void written_id(crm_buf_t *buf, crm_str_t id);
static void written_item(crm_worker_effect_t *effect, crm_buf_t *buf,
    crm_span_t item, crm_span_t record);
static crm_str_t written_text(crm_worker_effect_t *effect, crm_span_t item,
    const char *name);
static crm_span_t written_member(crm_worker_effect_t *effect, const char *name);


/* As the vendor's task: the id of what was written, or what was wrong. */
void
crm_worker_effect_written(crm_worker_effect_t *effect,
    crm_worker_effect_end_t *end)
{
    crm_buf_t           buf;
    crm_str_t           id;
    crm_dialect_said_t  said;

    if (crm_dialect_said(effect->backend.dialect, &said,
                         effect->answer.status,
                         crm_buf_view(&effect->answer.body), effect->pool)
        != CRM_OK)
    {
        (void) crm_worker_effect_throw(effect, end, 1, "out of memory");
        return;
    }

    if (!effect->answer.committed
        && (said.kind != CRM_OUTCOME_DONE || !written_is_read(effect)))
    {
        crm_worker_effect_refused(effect, &said, end);
        return;
    }

    id = said.record_id.len ? said.record_id : effect->record_id;

    crm_buf_init(&buf, effect->pool, 0);
    written_id(&buf, id);

    end->kind = CRM_WORKER_FRAME_ANSWER;
    end->text = crm_buf_view(&buf);
}


/* Whether the vendor's API would say so: a page of HTML is no answer, whatever
 * its status. Other dialects may have none to read. */
static int
written_is_read(crm_worker_effect_t *effect)
{
    return !crm_dialect_has(effect->backend.dialect, CRM_WAY_ANSWERS)
           || written_member(effect, "data").type == CRM_JSON_ARRAY;
}


static void
written_id(crm_buf_t *buf, crm_str_t id)
{
    crm_buf_puts(buf, "{\"id\":");

    if (id.len) {
        crm_buf_json(buf, id);
    } else {
        crm_buf_puts(buf, "null");
    }

    crm_buf_putc(buf, '}');
}


/* Of many, in the order in which they were given. */
void
crm_worker_effect_written_each(crm_worker_effect_t *effect,
    crm_worker_effect_end_t *end)
{
    size_t      i, cursor, given;
    crm_buf_t   buf;
    crm_span_t  data, item, record;

    data = written_member(effect, "data");

    if (!effect->answer.committed
        && (data.type != CRM_JSON_ARRAY || effect->answer.status >= 500))
    {
        crm_worker_effect_written(effect, end);
        return;
    }

    if (!effect->answer.committed
        && written_count(data) != written_count(effect->args[1]))
    {
        (void) crm_worker_effect_throw(effect, end, 1, "the CRM answered %u,"
                                       " and not for each record",
                                       effect->answer.status);
        return;
    }

    crm_buf_init(&buf, effect->pool, CRM_WORKER_FRAME_MAX);
    crm_buf_putc(&buf, '[');
    i = 0;
    cursor = 0;
    given = 0;

    while (crm_span_next(effect->args[1], &given, NULL, &record)) {
        item.type = CRM_JSON_NONE;

        if (data.type == CRM_JSON_ARRAY) {
            (void) crm_span_next(data, &cursor, NULL, &item);
        }

        crm_buf_puts(&buf, i++ ? "," : "");
        written_item(effect, &buf, item, record);
    }

    crm_buf_putc(&buf, ']');

    if (crm_buf_status(&buf) != CRM_OK) {
        (void) crm_worker_effect_throw(effect, end, 0,
                                       "the answer is too large");
        return;
    }

    end->kind = CRM_WORKER_FRAME_ANSWER;
    end->text = crm_buf_view(&buf);
}


/* Its members that are objects. */
static size_t
written_count(crm_span_t list)
{
    size_t      n, cursor;
    crm_span_t  item;

    n = 0;
    cursor = 0;

    while (crm_span_next(list, &cursor, NULL, &item)) {
        n += item.type == CRM_JSON_OBJECT;
    }

    return n;
}


/* item: what the CRM said of record, if it is known. */
static void
written_item(crm_worker_effect_t *effect, crm_buf_t *buf, crm_span_t item,
    crm_span_t record)
{
    crm_span_t  id, details;

    if (item.type == CRM_JSON_OBJECT
        && crm_span_is(crm_span_member(item, CRM_STR("status")),
                       CRM_STR("error")))
    {
        crm_buf_puts(buf, "{\"status\":\"error\",\"code\":");
        crm_buf_json(buf, written_text(effect, item, "code"));
        crm_buf_puts(buf, ",\"message\":");
        crm_buf_json(buf, written_text(effect, item, "message"));
        crm_buf_putc(buf, '}');
        return;
    }

    id.type = CRM_JSON_NONE;

    if (item.type == CRM_JSON_OBJECT) {
        details = crm_span_member(item, CRM_STR("details"));

        if (details.type == CRM_JSON_OBJECT) {
            id = crm_span_member(details, CRM_STR("id"));
        }
    }

    if (id.type == CRM_JSON_NONE) {
        id = crm_span_member(record, CRM_STR("id"));
    }

    written_id(buf, id.type == CRM_JSON_STRING ? crm_span_text(id, effect->pool)
                  : id.type == CRM_JSON_NUMBER ? crm_span_raw(id)
                  : CRM_STR(""));
}


static crm_str_t
written_text(crm_worker_effect_t *effect, crm_span_t item, const char *name)
{
    crm_str_t   text;
    crm_span_t  value;

    value = crm_span_member(item, crm_strz(name));
    text = value.type == CRM_JSON_STRING ? crm_span_text(value, effect->pool)
                                         : CRM_STR("");

    return text.data ? text : CRM_STR("");
}


void
crm_worker_effect_converted(crm_worker_effect_t *effect,
    crm_worker_effect_end_t *end)
{
    size_t      cursor;
    crm_span_t  data, item, details;

    data = written_member(effect, "data");
    cursor = 0;

    if (effect->answer.status / 100 == 2 && data.type == CRM_JSON_ARRAY
        && crm_span_next(data, &cursor, NULL, &item)
        && item.type == CRM_JSON_OBJECT
        && !crm_span_is(crm_span_member(item, CRM_STR("status")),
                        CRM_STR("error")))
    {
        details = crm_span_member(item, CRM_STR("details"));
        end->kind = CRM_WORKER_FRAME_ANSWER;
        end->text = crm_span_raw(details.type == CRM_JSON_OBJECT ? details
                                                                 : item);
        return;
    }

    crm_worker_effect_written(effect, end);
}


/* Of the answer; NONE: it is no object, or has none. */
static crm_span_t
written_member(crm_worker_effect_t *effect, const char *name)
{
    crm_scan_t   scan;
    crm_span_t   root;
    crm_error_t  err;

    crm_scan_init(&scan, crm_buf_view(&effect->answer.body), NULL,
                  effect->pool);

    if (crm_scan_value(&scan, &root, &err) != CRM_OK
        || crm_scan_end(&scan, &err) != CRM_OK
        || root.type != CRM_JSON_OBJECT)
    {
        memset(&root, 0, sizeof(root));
        root.type = CRM_JSON_NONE;
        return root;
    }

    return crm_span_member(root, crm_strz(name));
}
