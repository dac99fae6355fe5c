// SPDX-License-Identifier: GPL-2.0
/*
 * Adapters of several kinds, from one that can do everything down to one that
 * can do too little, with cages behind a mux or one cage alone.
 */
#include <linux/i2c-mux.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "hilbus.h"

/* The longest SMBus block, and the address, command and bytes of one. */
#define BLOCK I2C_SMBUS_BLOCK_MAX

struct bus_kind {
	const char *name;
	u32 functionality;
	const struct i2c_adapter_quirks *quirks;
	const struct i2c_algorithm *algorithm;
};

static int transfer(struct i2c_adapter *adapter, struct i2c_msg *msgs, int count)
{
	struct bus *bus = i2c_get_adapdata(adapter);

	/* Drivers differ in what they say when their hardware is gone. */
	if (!READ_ONCE(bus->plugged))
		return -(int)READ_ONCE(bus->cages[0]->fail_errno);
	if (!bus->connected)
		return -ENXIO;
	return cage_transfer(bus->connected, msgs, count, adapter->timeout);
}

static s32 smbus_transfer(struct i2c_adapter *adapter, u16 address, unsigned short flags,
			  char direction, u8 command, int size, union i2c_smbus_data *data)
{
	bool reads = direction == I2C_SMBUS_READ;
	u8 out[1 + BLOCK] = { command }, in[BLOCK];
	int length, result;
	struct i2c_msg msgs[2] = {
		{ .addr = address, .len = 1, .buf = out },
		{ .addr = address, .flags = I2C_M_RD, .buf = in },
	};

	switch (size) {
	case I2C_SMBUS_BYTE_DATA:
		length = 1;
		out[1] = data->byte;
		break;
	case I2C_SMBUS_WORD_DATA:
		length = 2;
		out[1] = data->word & 0xff;
		out[2] = data->word >> 8;
		break;
	case I2C_SMBUS_I2C_BLOCK_DATA:
		length = data->block[0];
		if (length < 1 || length > BLOCK)
			return -EINVAL;
		memcpy(&out[1], &data->block[1], length);
		break;
	default:
		return -EOPNOTSUPP;
	}
	if (reads)
		msgs[1].len = length;
	else
		msgs[0].len = 1 + length;
	result = transfer(adapter, msgs, reads ? 2 : 1);
	if (result < 0 || !reads)
		return result < 0 ? result : 0;
	if (size == I2C_SMBUS_BYTE_DATA)
		data->byte = in[0];
	else if (size == I2C_SMBUS_WORD_DATA)
		data->word = in[0] | in[1] << 8;
	else
		memcpy(&data->block[1], in, length);
	return 0;
}

static u32 functionality(struct i2c_adapter *adapter)
{
	struct bus *bus = i2c_get_adapdata(adapter);

	return bus->kind->functionality;
}

static const struct i2c_algorithm plain = {
	.master_xfer = transfer,
	.functionality = functionality,
};

static const struct i2c_algorithm smbus = {
	.smbus_xfer = smbus_transfer,
	.functionality = functionality,
};

/* An offset and a read of one SMBus block, and no more in one transfer. */
static const struct i2c_adapter_quirks only_pairs = {
	.flags = I2C_AQ_COMB_WRITE_THEN_READ,
	.max_num_msgs = 2,
	.max_write_len = 8,
	.max_read_len = BLOCK,
	.max_comb_1st_msg_len = 4,
	.max_comb_2nd_msg_len = BLOCK,
};

static const struct bus_kind kinds[] = {
	{ "full", I2C_FUNC_I2C | I2C_FUNC_SMBUS_EMUL, NULL, &plain },
	{ "pairs", I2C_FUNC_I2C | I2C_FUNC_SMBUS_EMUL, &only_pairs, &plain },
	{ "block", I2C_FUNC_SMBUS_BYTE_DATA | I2C_FUNC_SMBUS_WORD_DATA | I2C_FUNC_SMBUS_I2C_BLOCK,
	  NULL, &smbus },
	{ "word", I2C_FUNC_SMBUS_BYTE_DATA | I2C_FUNC_SMBUS_WORD_DATA, NULL, &smbus },
	{ "byte", I2C_FUNC_SMBUS_BYTE_DATA, NULL, &smbus },
};

const struct bus_kind *bus_kind(const char *name)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++)
		if (!strcmp(kinds[i].name, name))
			return &kinds[i];
	return NULL;
}

/* The mux calls both with the root adapter locked. */
static int connect_channel(struct i2c_mux_core *mux, u32 channel)
{
	struct bus *bus = *(struct bus **)i2c_mux_priv(mux);

	bus->connected = bus->cages[channel];
	return 0;
}

static int disconnect_channel(struct i2c_mux_core *mux, u32 channel)
{
	struct bus *bus = *(struct bus **)i2c_mux_priv(mux);

	bus->connected = NULL;
	return 0;
}

static int add_channels(struct bus *bus)
{
	unsigned int channel;
	int error;

	/* It belongs to the adapter, and is freed with it. */
	bus->mux = i2c_mux_alloc(&bus->adapter, &bus->adapter.dev, bus->channels, sizeof(bus), 0,
				 connect_channel, disconnect_channel);
	if (!bus->mux)
		return -ENOMEM;
	*(struct bus **)i2c_mux_priv(bus->mux) = bus;
	for (channel = 0; channel < bus->channels; channel++) {
		error = i2c_mux_add_adapter(bus->mux, 0, channel, 0);
		if (error) {
			i2c_mux_del_adapters(bus->mux);
			return error;
		}
		bus->cages[channel]->adapter = bus->mux->adapter[channel]->nr;
	}
	return 0;
}

int bus_plug(struct bus *bus)
{
	int error = 0;

	mutex_lock(&bus->plug_lock);
	if (bus->plugged)
		goto out;
	memset(&bus->adapter, 0, sizeof(bus->adapter));
	bus->adapter.owner = THIS_MODULE;
	bus->adapter.algo = bus->kind->algorithm;
	bus->adapter.quirks = bus->kind->quirks;
	bus->adapter.dev.parent = bus->parent;
	snprintf(bus->adapter.name, sizeof(bus->adapter.name), "hilbus %s", bus->kind->name);
	i2c_set_adapdata(&bus->adapter, bus);
	bus->connected = bus->channels ? NULL : bus->cages[0];
	error = i2c_add_adapter(&bus->adapter);
	if (error)
		goto out;
	bus->cages[0]->adapter = bus->adapter.nr;
	if (bus->channels)
		error = add_channels(bus);
	if (error)
		i2c_del_adapter(&bus->adapter);
	else
		bus->plugged = true;
out:
	mutex_unlock(&bus->plug_lock);
	return error;
}

/* Waits for those who hold the devices open, as every adapter driver does. */
void bus_unplug(struct bus *bus)
{
	mutex_lock(&bus->plug_lock);
	if (bus->plugged) {
		/* The hardware is gone before its driver hears of it. */
		WRITE_ONCE(bus->plugged, false);
		if (bus->channels)
			i2c_mux_del_adapters(bus->mux);
		i2c_del_adapter(&bus->adapter);
	}
	mutex_unlock(&bus->plug_lock);
}

static ssize_t plugged_write(struct file *file, const char __user *from, size_t length, loff_t *at)
{
	struct bus *bus = file->private_data;
	bool wanted;
	int error = kstrtobool_from_user(from, length, &wanted);

	if (error)
		return error;
	if (wanted)
		error = bus_plug(bus);
	else
		bus_unplug(bus);
	return error ? error : length;
}

const struct file_operations bus_plugged_ops = {
	.owner = THIS_MODULE,
	.open = simple_open,
	.write = plugged_write,
	.llseek = noop_llseek,
};
