/*
 * An image of a record, by slot, and the whole of it as JSON.
 */

#include "record/crm_image.h"

#include "record/crm_finder.h"


static crm_status_t image_alloc(crm_image_t *image, unsigned count,
    crm_pool_t *pool);
static crm_status_t image_lay(crm_image_t *image, const crm_schema_t *schema,
    const crm_record_t *record, int topmost, crm_pool_t *pool);


crm_status_t
crm_image_build(crm_image_t *image, const crm_schema_t *schema,
    const crm_record_t *under, const crm_record_t *over,
    crm_value_type_t absent, crm_pool_t *pool)
{
    unsigned      i;
    crm_status_t  rc;

    if (image_alloc(image, schema->count, pool) != CRM_OK) {
        return CRM_ENOMEM;
    }

    for (i = 0; i < image->count; i++) {
        memset(&image->slots[i], 0, sizeof(crm_value_t));
        image->slots[i].type = absent;
    }

    if (over) {
        rc = image_lay(image, schema, over, 1, pool);
        if (rc != CRM_OK) {
            return rc;
        }
    }

    return under ? image_lay(image, schema, under, over == NULL, pool)
                 : CRM_OK;
}


crm_status_t
crm_image_over(crm_image_t *image, const crm_image_t *under,
    const crm_schema_t *schema, const crm_record_t *over, crm_pool_t *pool)
{
    size_t              i;
    unsigned            slot;
    crm_status_t        rc;
    const crm_field_t  *field;

    *image = *under;

    /* as above, the first of two of one name counts */

    for (i = over->count; i > 0; i--) {
        field = &over->fields[i - 1];

        slot = crm_schema_find(schema, field->name, field->hash);

        if (slot == CRM_SLOT_NONE || slot >= image->count
            || crm_span_same(field->value, image->slots[slot].span))
        {
            continue;
        }

        if (image->slots == under->slots) {
            if (image_alloc(image, under->count, pool) != CRM_OK) {
                return CRM_ENOMEM;
            }

            memcpy(image->slots, under->slots,
                   image->count * sizeof(crm_value_t));
        }

        rc = crm_value_from_span(&image->slots[slot], field->value, pool);
        if (rc != CRM_OK) {
            return rc;
        }
    }

    return CRM_OK;
}


crm_status_t
crm_image_merge(crm_record_t *merged, const crm_record_t *under,
    const crm_record_t *over, crm_pool_t *pool)
{
    size_t              i, n, at;
    crm_finder_t        finder;
    const crm_field_t  *found;

    n = (under ? under->count : 0) + (over ? over->count : 0);

    memset(merged, 0, sizeof(crm_record_t));
    merged->fields = crm_pool_alloc(pool, (n + 1) * sizeof(crm_field_t));

    if (merged->fields == NULL) {
        return CRM_ENOMEM;
    }

    if (under && under->count) {
        memcpy(merged->fields, under->fields,
               under->count * sizeof(crm_field_t));
        merged->count = under->count;
    }

    crm_finder_init(&finder, under, pool);

    for (i = 0; over && i < over->count; i++) {
        if (crm_finder_find(&finder, &over->fields[i], &found) != CRM_OK) {
            return CRM_ENOMEM;
        }

        at = found ? (size_t) (found - under->fields) : merged->count++;
        merged->fields[at] = over->fields[i];
    }

    return CRM_OK;
}


void
crm_image_encode(crm_buf_t *buf, const crm_record_t *under,
    const crm_record_t *over)
{
    size_t         i;
    crm_record_t   merged;

    if (under && over) {
        if (crm_image_merge(&merged, under, over, buf->pool) != CRM_OK) {
            if (buf->status == CRM_OK) {
                buf->status = CRM_ENOMEM;
            }
            return;
        }

        under = &merged;

    } else if (under == NULL) {
        under = over;
    }

    crm_buf_putc(buf, '{');

    for (i = 0; under && i < under->count; i++) {
        if (i) {
            crm_buf_putc(buf, ',');
        }

        crm_buf_json(buf, under->fields[i].name);
        crm_buf_putc(buf, ':');
        crm_buf_str(buf, crm_span_raw(under->fields[i].value));
    }

    crm_buf_putc(buf, '}');
}


/* The slots are the caller's to fill. */
static crm_status_t
image_alloc(crm_image_t *image, unsigned count, crm_pool_t *pool)
{
    image->count = count;
    image->slots = crm_pool_alloc(pool, count * sizeof(crm_value_t));
    image->given = crm_pool_calloc(pool, count, 1);

    return image->slots && image->given ? CRM_OK : CRM_ENOMEM;
}


/* Fills the slots that no record above this one has filled. */
static crm_status_t
image_lay(crm_image_t *image, const crm_schema_t *schema,
    const crm_record_t *record, int topmost, crm_pool_t *pool)
{
    size_t              i;
    unsigned            slot;
    crm_status_t        rc;
    const crm_field_t  *field;

    for (i = 0; i < record->count; i++) {
        field = &record->fields[i];

        slot = crm_schema_find(schema, field->name, field->hash);

        if (slot == CRM_SLOT_NONE || slot >= image->count
            || image->given[slot])
        {
            continue;
        }

        rc = crm_value_from_span(&image->slots[slot], field->value, pool);
        if (rc != CRM_OK) {
            return rc;
        }

        image->given[slot] = (uint8_t) topmost;
    }

    return CRM_OK;
}
