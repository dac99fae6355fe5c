// SPDX-License-Identifier: GPL-2.0
/*
 * A driver that owns a module and offers its memory as a file, laid out as the
 * optoe driver does: pages one behind the other, bank after bank, 256 pages
 * each; of an SFP, device A2 behind the 256 bytes of A0. It selects a page under
 * a lock of its own, and page 00h after each read. Bind it with
 *   echo hil_optoe3 0x50 >/sys/bus/i2c/devices/i2c-N/new_device
 */
#include <linux/i2c.h>
#include <linux/module.h>
#include <linux/slab.h>

#include "hilbus.h"

#define BANK_SELECT 126
#define BANK_PAGES 256
#define BANKS 4
/* dev_class: 1 SFF-8636, 2 SFP, 3 CMIS. */
#define CLASS_SFP 2
#define CLASS_CMIS 3

struct owner {
	struct mutex lock;
	struct i2c_client *client[DEVICES];
	unsigned long class;
};

static int select_page(struct owner *owner, struct i2c_client *client, u8 bank, u8 page)
{
	u8 bytes[3] = { BANK_SELECT, bank, page };
	int sent;

	if (owner->class == CLASS_CMIS) {
		sent = i2c_master_send(client, bytes, 3);
	} else {
		bytes[1] = BANK_SELECT + 1;
		sent = i2c_master_send(client, bytes + 1, 2);
	}
	return sent < 0 ? sent : 0;
}

static int read_at(struct i2c_client *client, u8 offset, u8 *buffer, u16 length)
{
	struct i2c_msg msgs[2] = {
		{ .addr = client->addr, .len = 1, .buf = &offset },
		{ .addr = client->addr, .flags = I2C_M_RD, .len = length, .buf = buffer },
	};
	int done = i2c_transfer(client->adapter, msgs, 2);

	return done < 0 ? done : 0;
}

/* Whether the module says that it has no pages. */
static int is_flat(struct owner *owner)
{
	u8 status;
	int error = read_at(owner->client[0], 2, &status, 1);

	if (error)
		return error;
	return !!(status & (owner->class == CLASS_CMIS ? 0x80 : 0x04));
}

/* Reads up to the end of the page that a place of the file lies in. */
static ssize_t read_some(struct owner *owner, char *buffer, loff_t place, size_t length)
{
	unsigned int device = owner->class == CLASS_SFP && place >= 2 * SHEET;
	struct i2c_client *client = owner->client[device];
	u32 at = device ? place - 2 * SHEET : place;
	u32 page = at < 2 * SHEET ? 0 : at / SHEET - 1;
	u8 offset = at < SHEET ? at : SHEET + at % SHEET;
	int error = 0;

	length = min_t(size_t, length, SHEET - at % SHEET);
	if (page && owner->class == CLASS_SFP && !device)
		return 0;
	if (page && owner->class != CLASS_SFP) {
		error = is_flat(owner);
		if (error)
			return min(error, 0);
	}
	if (page)
		error = select_page(owner, client, page / BANK_PAGES, page % BANK_PAGES);
	if (!error)
		error = read_at(client, offset, buffer, length);
	if (page) {
		int back = select_page(owner, client, 0, 0);

		error = error ? error : back;
	}
	return error ? error : length;
}

static ssize_t eeprom_read(struct file *file, struct kobject *object, struct bin_attribute *attribute,
			   char *buffer, loff_t place, size_t length)
{
	struct owner *owner = dev_get_drvdata(kobj_to_dev(object));
	size_t done = 0;
	ssize_t some = 0;

	mutex_lock(&owner->lock);
	while (done < length) {
		some = read_some(owner, buffer + done, place + done, length - done);
		if (some <= 0)
			break;
		done += some;
	}
	mutex_unlock(&owner->lock);
	return done ? done : some;
}
static BIN_ATTR_RO(eeprom, (1 + BANKS * BANK_PAGES) * SHEET);

static struct bin_attribute *owner_files[] = { &bin_attr_eeprom, NULL };

static ssize_t dev_class_show(struct device *device, struct device_attribute *attribute, char *to)
{
	struct owner *owner = dev_get_drvdata(device);

	return sysfs_emit(to, "%lu\n", owner->class);
}
static DEVICE_ATTR_RO(dev_class);

static struct attribute *owner_attributes[] = { &dev_attr_dev_class.attr, NULL };
static const struct attribute_group owner_group = {
	.attrs = owner_attributes,
	.bin_attrs = owner_files,
};
static const struct attribute_group *owner_groups[] = { &owner_group, NULL };

static int owner_probe(struct i2c_client *client, const struct i2c_device_id *id)
{
	struct owner *owner;

	if (!i2c_check_functionality(client->adapter, I2C_FUNC_I2C))
		return -EOPNOTSUPP;
	owner = devm_kzalloc(&client->dev, sizeof(*owner), GFP_KERNEL);
	if (!owner)
		return -ENOMEM;
	mutex_init(&owner->lock);
	owner->class = id->driver_data;
	owner->client[0] = client;
	if (owner->class == CLASS_SFP) {
		struct i2c_client *second =
			devm_i2c_new_dummy_device(&client->dev, client->adapter, client->addr + 1);

		if (IS_ERR(second))
			return PTR_ERR(second);
		owner->client[1] = second;
	}
	i2c_set_clientdata(client, owner);
	return 0;
}

static const struct i2c_device_id owner_ids[] = {
	{ "hil_optoe1", 1 }, { "hil_optoe2", CLASS_SFP }, { "hil_optoe3", CLASS_CMIS }, {}
};
MODULE_DEVICE_TABLE(i2c, owner_ids);

struct i2c_driver owner_driver = {
	.driver = {
		.name = "hil_optoe",
		.dev_groups = owner_groups,
	},
	.probe = owner_probe,
	.id_table = owner_ids,
};
