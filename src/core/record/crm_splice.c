/*
 * Edits of a text by splicing.
 *
 * Edits are a list by offset. At one offset insertions come first, in order
 * of arrival, then a replacement that begins there.
 */

#include "record/crm_splice.h"


struct crm_splice_edit_s {
    crm_splice_edit_t  *next;
    size_t              offset;
    size_t              len;        /* 0: an insertion */
    crm_str_t           insert;
    crm_str_t           member;     /* the name it adds, or the null string */
};


static crm_status_t splice_put(crm_splice_t *splice, size_t offset,
    size_t len, crm_str_t insert, crm_str_t member);
static crm_status_t splice_add(crm_splice_t *splice,
    const crm_record_t *record, crm_str_t name, crm_str_t json);


void
crm_splice_init(crm_splice_t *splice, crm_str_t text, crm_pool_t *pool)
{
    memset(splice, 0, sizeof(crm_splice_t));
    splice->text = text.data ? text : CRM_STR("");
    splice->pool = pool;
}


crm_status_t
crm_splice_edit(crm_splice_t *splice, size_t offset, size_t len,
    crm_str_t insert)
{
    return splice_put(splice, offset, len, insert, CRM_STR_NULL);
}


crm_status_t
crm_splice_set(crm_splice_t *splice, const crm_record_t *record,
    crm_str_t name, crm_str_t json)
{
    return crm_splice_put(splice, record, crm_record_field(record, name), name,
                          json);
}


crm_status_t
crm_splice_put(crm_splice_t *splice, const crm_record_t *record,
    const crm_field_t *field, crm_str_t name, crm_str_t json)
{
    if (field == NULL) {
        return splice_add(splice, record, name, json);
    }

    return splice_put(splice, (size_t) (field->value.data
                                        - splice->text.data),
                      field->value.len, json, CRM_STR_NULL);
}


crm_str_t
crm_splice_apply(const crm_splice_t *splice)
{
    char                     *out, *p;
    size_t                    at, len;
    const crm_splice_edit_t  *edit;

    if (splice->first == NULL) {
        return splice->text;
    }

    len = splice->text.len;

    for (edit = splice->first; edit; edit = edit->next) {
        len -= edit->len;

        if (edit->insert.len > (size_t) -1 - splice->text.len - len) {
            return CRM_STR_NULL;
        }

        len += edit->insert.len;
    }

    out = crm_pool_alloc(splice->pool, len);
    if (out == NULL) {
        return CRM_STR_NULL;
    }

    p = out;
    at = 0;

    for (edit = splice->first; edit; edit = edit->next) {
        memcpy(p, splice->text.data + at, edit->offset - at);
        p += edit->offset - at;

        if (edit->insert.len) {
            memcpy(p, edit->insert.data, edit->insert.len);
            p += edit->insert.len;
        }

        at = edit->offset + edit->len;
    }

    memcpy(p, splice->text.data + at, splice->text.len - at);

    return crm_str(out, len);
}


static crm_status_t
splice_put(crm_splice_t *splice, size_t offset, size_t len, crm_str_t insert,
    crm_str_t member)
{
    crm_splice_edit_t  *edit, *before, **link;

    if (offset > splice->text.len || len > splice->text.len - offset) {
        return CRM_EINVAL;
    }

    /* mostly they come in order */

    before = splice->last && splice->last->offset < offset ? splice->last
                                                           : NULL;

    for (link = before ? &splice->last->next : &splice->first;
         *link;
         link = &(*link)->next)
    {
        if ((*link)->offset > offset
            || ((*link)->offset == offset && (*link)->len > 0 && len == 0))
        {
            break;
        }

        before = *link;
    }

    if ((before && before->offset + before->len > offset)
        || (*link && offset + len > (*link)->offset))
    {
        return CRM_EINVAL;
    }

    edit = crm_pool_alloc(splice->pool, sizeof(crm_splice_edit_t));
    if (edit == NULL) {
        return CRM_ENOMEM;
    }

    edit->next = *link;
    edit->offset = offset;
    edit->len = len;
    edit->insert = insert;
    edit->member = member;

    *link = edit;
    splice->count++;

    if (edit->next == NULL) {
        splice->last = edit;
    }

    return CRM_OK;
}


/*
 * Adds a member behind the last one, or behind the brace that opens an empty
 * record; there the first to come is the one without a comma.
 */
static crm_status_t
splice_add(crm_splice_t *splice, const crm_record_t *record, crm_str_t name,
    crm_str_t json)
{
    size_t                    offset;
    crm_buf_t                 buf;
    const char               *behind;
    const crm_span_t         *value;
    const crm_splice_edit_t  *edit;

    if (record->count) {
        value = &record->fields[record->count - 1].value;
        behind = value->data + value->len;

    } else {
        behind = record->object.data + 1;
    }

    offset = (size_t) (behind - splice->text.data);

    crm_buf_init(&buf, splice->pool, 0);

    if (record->count) {
        crm_buf_putc(&buf, ',');
    }

    for (edit = splice->first; edit; edit = edit->next) {
        if (edit->offset != offset || edit->member.data == NULL) {
            continue;
        }

        if (crm_str_eq(edit->member, name)) {
            return CRM_EINVAL;
        }

        if (record->count == 0 && buf.len == 0) {
            crm_buf_putc(&buf, ',');
        }
    }

    crm_buf_json(&buf, name);
    crm_buf_putc(&buf, ':');
    crm_buf_str(&buf, json);

    if (crm_buf_status(&buf) != CRM_OK) {
        return crm_buf_status(&buf);
    }

    return splice_put(splice, offset, 0, crm_buf_view(&buf), name);
}
